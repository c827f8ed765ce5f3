"""The first page: what this is, and every stamp in full."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.evidence.pdf.look import (
    ACCENT,
    BODY,
    EYEBROW,
    FIGURE,
    HASH,
    LABEL,
    LEAD,
    NOTE,
    PORTRAIT,
    RULE_MM,
    STRONG,
    SUBHEADING,
    TINT,
    TITLE,
)
from atlaslens_forwarder.model.time import iso_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.evidence.pdf.digest import Digest
    from atlaslens_forwarder.evidence.pdf.facts import ReportFacts
    from atlaslens_forwarder.evidence.pdf.look import Style
    from atlaslens_forwarder.evidence.pdf.sheet import Sheet

_LABEL_MM: Final = 42.0
_NOTICE_PADDING_MM: Final = 2.6
UNSIGNED: Final = "this bundle is not signed: whoever can replace all of its files can forge it"


def draw_cover(
    sheet: Sheet, facts: ReportFacts, figures: Digest, *, created_ms: int, volumes: Sequence[str]
) -> None:
    """Title, key figures, warnings, filter, integrity, origin. Long lists go on to further pages."""
    sheet.turn(PORTRAIT)
    sheet.start_section("Cover")
    sheet.at += 10
    sheet.prose("EVIDENCE REPORT", EYEBROW, after=2)
    sheet.prose(facts.title, TITLE, after=1.5)
    sheet.prose(f"{iso_ms(facts.from_ms)} to {iso_ms(facts.to_ms)} (end not included), UTC", LEAD, after=5)
    sheet.rule(sheet.at, ACCENT, RULE_MM)
    sheet.at += 6
    _draw_figures(sheet, facts, figures)
    for warning in (*facts.warnings, *(() if facts.key else (UNSIGNED,))):
        draw_notice(sheet, f"Note: {warning}")
    _draw_block(sheet, "What was asked for", _asked(facts))
    _draw_block(sheet, "Integrity", _integrity(facts))
    _draw_block(sheet, "Origin", _origin(facts, created_ms, volumes))


def draw_notice(sheet: Sheet, text: str) -> None:
    """A sentence that must not be overlooked."""
    lines = sheet.broken(text, BODY, sheet.measure - 4 * _NOTICE_PADDING_MM)
    for line in lines:
        sheet.need(BODY.leading_mm + 2 * _NOTICE_PADDING_MM)
        first, last = line is lines[0], line is lines[-1]
        top = sheet.at
        sheet.at += _NOTICE_PADDING_MM * first
        bottom = sheet.at + BODY.leading_mm + _NOTICE_PADDING_MM * last
        sheet.set_fill_color(*TINT)
        sheet.rect(sheet.left, top, sheet.measure, bottom - top, style="F")
        sheet.set_fill_color(*ACCENT)
        sheet.rect(sheet.left, top, 0.9, bottom - top, style="F")
        sheet.place(sheet.left + 2 * _NOTICE_PADDING_MM, sheet.at, line, BODY)
        sheet.at = bottom
    sheet.at += 2.5


def _draw_figures(sheet: Sheet, facts: ReportFacts, figures: Digest) -> None:
    """Four numbers side by side."""
    cells = (
        (f"{facts.count:,}", "events"),
        (f"{figures.permission_changes:,}", "permission changes"),
        (f"{len(figures.people):,}", "people or accounts acting"),
        (f"{len(figures.days):,}", "days with events"),
    )
    width = sheet.measure / len(cells)
    for number, (figure, label) in enumerate(cells):
        x = sheet.left + number * width
        sheet.place(x, sheet.at, figure, FIGURE)
        sheet.place(x, sheet.at + FIGURE.leading_mm, label, NOTE)
    sheet.at += FIGURE.leading_mm + NOTE.leading_mm + 6


def _draw_block(sheet: Sheet, title: str, pairs: Sequence[tuple[str, str, Style]]) -> None:
    sheet.at += 2.5
    sheet.need(SUBHEADING.leading_mm + 3 * BODY.leading_mm)
    sheet.prose(title, SUBHEADING, after=1.8)
    sheet.pairs(pairs, _LABEL_MM, LABEL)


def _asked(facts: ReportFacts) -> list[tuple[str, str, Style]]:
    return [
        ("from (included)", iso_ms(facts.from_ms), BODY),
        ("to (not included)", iso_ms(facts.to_ms), BODY),
        *((name, value, BODY) for name, value in facts.criteria),
    ]


def _integrity(facts: ReportFacts) -> list[tuple[str, str, Style]]:
    repeated = f" ({facts.repeated:,} of them repeat time and id of the one before)" if facts.repeated else ""
    pairs = [
        ("events", f"{facts.count:,}{repeated}", STRONG),
        ("first event", facts.first or "none", BODY),
        ("last event", facts.last or "none", BODY),
        ("SHA-256 of events.jsonl", facts.events_sha256, HASH),
        ("Merkle root", facts.merkle_root, HASH),
    ]
    if facts.key is not None:
        pairs += [("signing key", facts.key.key_id, HASH), ("key fingerprint", facts.key.fingerprint, HASH)]
    return pairs


def _origin(facts: ReportFacts, created_ms: int, volumes: Sequence[str]) -> list[tuple[str, str, Style]]:
    pairs = [
        ("created", iso_ms(created_ms), BODY),
        ("exported by", facts.exported_by, BODY),
        ("tool", f"atlaslens_forwarder {facts.tool_version}", BODY),
        ("cluster", f"{facts.cluster_name}, UUID {facts.cluster_uuid}", BODY),
    ]
    for number, index in enumerate(facts.indices):
        kind = "append-only" if index.append_only else "NOT append-only: its events could be changed"
        pairs.append(("" if number else "indices", f"{index.name}, UUID {index.uuid}, {kind}", BODY))
    if len(volumes) > 1:
        pairs.append(("volumes of this report", f"{len(volumes)}: {volumes[0]} to {volumes[-1]}", BODY))
    return pairs
