"""The summary: events over time, by product, action, person, sensitivity."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.evidence.pdf.buckets import bars_of
from atlaslens_forwarder.evidence.pdf.charts import Entry, draw_over_time, draw_ranking
from atlaslens_forwarder.evidence.pdf.look import PORTRAIT, SUBHEADING

if TYPE_CHECKING:
    from collections import Counter

    from atlaslens_forwarder.evidence.pdf.digest import Digest
    from atlaslens_forwarder.evidence.pdf.facts import ReportFacts
    from atlaslens_forwarder.evidence.pdf.sheet import Sheet

_MOST_PEOPLE: Final = 10
_MOST_ACTIONS: Final = 15
_SENSITIVITIES: Final = ("high", "medium", "low")

_NOTHING: Final = (
    "No event matches what was asked for. Whether that means that nothing happened depends on the next "
    "pages: what was read in full, and what cannot be read."
)


def draw_summary(sheet: Sheet, facts: ReportFacts, figures: Digest) -> None:
    """Draw it on pages of its own."""
    sheet.turn(PORTRAIT)
    sheet.heading("Summary")
    if not figures.count:
        sheet.prose(_NOTHING, after=4)
    bars = bars_of(figures.days, facts.from_ms, facts.to_ms)
    unknown = sorted({(hole.from_ms, hole.to_ms) for source in facts.coverage for hole in source.holes})
    _title(sheet, f"Events by {bars.unit} (UTC)", keep=70)
    draw_over_time(sheet, bars, unknown)
    if not figures.count:
        return
    _title(sheet, "Events by product")
    draw_ranking(sheet, _ranked(figures.products))
    rated = [Entry(name, figures.sensitivities[name]) for name in _SENSITIVITIES]
    unrated = figures.count - sum(entry.events for entry in rated)
    _title(sheet, "Events by sensitivity")
    draw_ranking(sheet, [*rated, *([Entry("not rated", unrated)] if unrated else [])])
    sheet.at += 2
    share = figures.permission_changes / figures.count
    sheet.prose(
        f"{figures.permission_changes:,} of {figures.count:,} events ({share:.1%}) "
        "change who may see or do something."
    )
    _title(sheet, _top("Actions", len(figures.actions), _MOST_ACTIONS))
    draw_ranking(sheet, _ranked(figures.actions, _MOST_ACTIONS))
    _title(sheet, _top("People by events", len(figures.people), _MOST_PEOPLE))
    draw_ranking(sheet, [_person(entry, figures) for entry in _ranked(figures.people, _MOST_PEOPLE)])
    unnamed = figures.count - figures.people.total()
    if unnamed > 0:
        sheet.at += 2
        sheet.remark(f"Events that name nobody as the one who acted: {unnamed:,}.")


def _title(sheet: Sheet, text: str, keep: float = 20) -> None:
    sheet.at += 4
    sheet.need(SUBHEADING.leading_mm + keep)
    sheet.prose(text, SUBHEADING, after=2)


def _ranked(counter: Counter[str], most: int | None = None) -> list[Entry]:
    """The highest first; equal ones by name, so that the order never depends on the events' order."""
    return sorted((Entry(*item) for item in counter.items()), key=lambda entry: (-entry.events, entry.name))[
        :most
    ]


def _top(title: str, there: int, most: int) -> str:
    return f"{title} (the first {most} of {there:,})" if there > most else title


def _person(entry: Entry, figures: Digest) -> Entry:
    """The name with the id below, where the events hold both."""
    name = figures.names.get(entry.name, entry.name)
    return entry if name == entry.name else Entry(name, entry.events, entry.name)
