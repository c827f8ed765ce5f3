"""What the report can and cannot say: coverage of the sources, gaps, and how to check the bundle."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from atlaslens_forwarder.evidence.pdf.charts import draw_spans
from atlaslens_forwarder.evidence.pdf.look import (
    BODY,
    CODE,
    HAIR,
    HAIR_MM,
    HASH,
    LABEL,
    NOTE,
    PORTRAIT,
    STRONG,
    SUBHEADING,
)
from atlaslens_forwarder.model.time import iso_ms

if TYPE_CHECKING:
    from atlaslens_forwarder.evidence.pdf.facts import GapFact, ReportFacts, SourceCoverage
    from atlaslens_forwarder.evidence.pdf.sheet import Sheet

_INDENT_MM: Final = 5.0
_ALL: Final = "all"
"""Gaps of every product come first."""
_KEEP_MM: Final = 24.0


def draw_coverage(sheet: Sheet, facts: ReportFacts) -> None:
    """For each source its verdict, what was read in full, and each hole with its reason."""
    sheet.turn(PORTRAIT)
    sheet.heading("Coverage")
    if facts.coverage_statement:
        sheet.prose(facts.coverage_statement, after=2)
    sheet.remark(
        "Complete means: access was proven, reading reached the end of what the API returned, and every row "
        "has an outcome. A strip shows the interval asked for: filled where it was read in full, hatched in "
        "holes, white where nothing is known."
    )
    if not facts.coverage:
        sheet.prose("No source was connected, so nothing is known of this time.", STRONG)
    for source in facts.coverage:
        _draw_source(sheet, source, (facts.from_ms, facts.to_ms))


def _draw_source(sheet: Sheet, source: SourceCoverage, interval: tuple[int, int]) -> None:
    sheet.need(_KEEP_MM)
    verdict = sheet.visible(source.verdict)
    sheet.place(sheet.left + sheet.measure - sheet.width(verdict, STRONG), sheet.at, verdict, STRONG)
    sheet.prose(source.source, STRONG, width=sheet.measure * 0.7, after=0.8)
    draw_spans(sheet, interval, source.covered, [(hole.from_ms, hole.to_ms) for hole in source.holes])
    for begin, end in source.covered:
        sheet.prose(f"read in full: {iso_ms(begin)} to {iso_ms(end)}", NOTE, indent=_INDENT_MM)
    for hole in source.holes:
        sheet.prose(
            f"hole: {iso_ms(hole.from_ms)} to {iso_ms(hole.to_ms)}: {hole.reason}", BODY, indent=_INDENT_MM
        )
    if source.note:
        sheet.prose(source.note, NOTE, indent=_INDENT_MM)
    sheet.at += 4


def draw_gaps(sheet: Sheet, facts: ReportFacts) -> None:
    """What cannot be in here, by product."""
    sheet.at += 6
    sheet.heading("What this report cannot show")
    sheet.prose(
        "None of the following was observed to be zero. It could not be read in this time, or not in full; "
        "that it is absent from the table says nothing about whether it happened.",
        after=4,
    )
    if not facts.gaps:
        sheet.prose("No gap is known.", STRONG)
    by_product = sorted(facts.gaps, key=lambda gap: (gap.product != _ALL, gap.product))
    for product, gaps in groupby(by_product, key=lambda gap: gap.product):
        sheet.need(_KEEP_MM)
        sheet.prose(f"Product: {product}", SUBHEADING, after=1.5)
        for gap in gaps:
            _draw_gap(sheet, gap)


def _draw_gap(sheet: Sheet, gap: GapFact) -> None:
    sheet.need(3 * BODY.leading_mm)
    state = sheet.visible(f"{gap.kind}, {gap.state}")
    sheet.place(sheet.left + sheet.measure - sheet.width(state, LABEL), sheet.at, state, LABEL)
    sheet.prose(gap.missing, STRONG, width=sheet.measure * 0.75)
    if gap.why:
        sheet.prose(gap.why, NOTE)
    sheet.rule(sheet.at + 1, HAIR, HAIR_MM)
    sheet.at += 2.6


def draw_verification(sheet: Sheet, facts: ReportFacts) -> None:
    """How to check the bundle, with our tool and without."""
    sheet.turn(PORTRAIT)
    sheet.heading("How to check this report")
    sheet.prose(
        "These pages are for reading. The proof is in the bundle that they came with: events.jsonl holds "
        "every event of the table in full, one on each line, and the row number below each time is the "
        "number of that line. Compare the two digests at the foot of every page with those that the "
        "checks below compute.",
        after=4,
    )
    for number, (title, command, outcome) in enumerate(_STEPS, 1):
        sheet.need(_KEEP_MM)
        sheet.prose(f"{number}. {title}", SUBHEADING, after=1)
        sheet.prose(command, CODE, indent=_INDENT_MM)
        sheet.prose(outcome, NOTE, after=4)
    sheet.prose("The two digests", SUBHEADING, after=1)
    sheet.pairs(
        [("SHA-256 of events.jsonl", facts.events_sha256, HASH), ("Merkle root", facts.merkle_root, HASH)],
        42,
        LABEL,
    )
    sheet.at += 3
    sheet.prose("About the text", SUBHEADING, after=1)
    sheet.prose(
        "Nothing in the table is cut. A character without a glyph in the fonts used here, and one that "
        "cannot be seen or changes the direction of writing, stands as its number in brackets, as in "
        "[U+202E]. Han characters have their Japanese forms. The exact text of every field is in "
        "events.jsonl."
    )


class _Step(NamedTuple):
    title: str
    command: str
    outcome: str


_STEPS: Final = (
    _Step(
        "Without any tool of ours",
        "sha256sum events.jsonl",
        "The output must equal the SHA-256 below. Any event changed, added, removed or moved alters it.",
    ),
    _Step(
        "With the tool, offline",
        "atlaslens-forwarder verify BUNDLE",
        (
            "Says of each claim whether it holds (files, rows, order, count, filter, signature, keys) and "
            "names the first row and field that differ. BUNDLE is the folder or the zip file."
        ),
    ),
    _Step(
        "Against the store as it is now",
        "atlaslens-forwarder verify BUNDLE --store",
        "Reads the same events again and names every one that was changed, removed or added since.",
    ),
)
