"""The way in: from a finished ``events.jsonl`` and what is said of it to PDF files on the disk."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.fields import TIME_PATH, texts_at
from atlaslens_forwarder.evidence.pdf.cover import draw_cover
from atlaslens_forwarder.evidence.pdf.digest import digest
from atlaslens_forwarder.evidence.pdf.faces import Glyphs
from atlaslens_forwarder.evidence.pdf.fonts import cut_fonts
from atlaslens_forwarder.evidence.pdf.look import HEADING, LANDSCAPE, NOTE
from atlaslens_forwarder.evidence.pdf.rows import cells_of
from atlaslens_forwarder.evidence.pdf.sheet import Sheet, Stamp
from atlaslens_forwarder.evidence.pdf.statements import draw_coverage, draw_gaps, draw_verification
from atlaslens_forwarder.evidence.pdf.summary import draw_summary
from atlaslens_forwarder.evidence.pdf.table import draw_table
from atlaslens_forwarder.evidence.pdf.typeset import Typesetter
from atlaslens_forwarder.evidence.pdf.visible import Visible
from atlaslens_forwarder.evidence.places import unwritable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from atlaslens_forwarder.evidence.pdf.digest import Digest
    from atlaslens_forwarder.evidence.pdf.facts import ReportFacts
    from atlaslens_forwarder.evidence.pdf.fonts import ReportFonts
    from atlaslens_forwarder.evidence.pdf.rows import Cell
    from atlaslens_forwarder.model.json import JsonObject

EVENTS_PER_VOLUME: Final = 10_000
"""About 500 pages; a volume is held in memory while it is drawn (docs/evidence.md has the figures)."""

_MODE: Final = 0o640
_OWN_CHARACTERS: Final = "–…×→"


@dataclass(frozen=True, slots=True)
class PdfVolume:
    """One written file: the lines of ``events.jsonl`` that it shows, counted from 1, and its digest."""

    path: Path
    first_row: int
    count: int
    pages: int
    size_bytes: int
    sha256: str


def write_pdf(
    events: Callable[[], Iterable[JsonObject]],
    facts: ReportFacts,
    folder: Path,
    *,
    created_ms: int,
    stem: str = "report",
    events_per_volume: int = EVENTS_PER_VOLUME,
) -> list[PdfVolume]:
    """Write ``report.pdf``, or ``report-001.pdf`` and so on where one volume does not hold all events.

    ``events`` gives a fresh pass over the events in the order of ``events.jsonl``; it is called twice. Same
    input and time give the same bytes. Blocking, and files of the same names are replaced.

    Raises:
        EvidenceError: an event cannot be shown, or there are not as many as ``facts`` say.
        ConfigError: a file cannot be written.
    """
    glyphs = Glyphs()
    show = Visible(glyphs.has)
    try:
        figures = digest(events(), show)
    except ValueError as error:
        raise EvidenceError(f"the events cannot be shown as PDF ({error})") from None
    if figures.count != facts.count:
        raise EvidenceError(f"{facts.count} events are stated, but there are {figures.count}")
    count = max(1, -(-facts.count // events_per_volume))
    names = [f"{stem}.pdf"] if count == 1 else [f"{stem}-{number:03d}.pdf" for number in range(1, count + 1)]
    with tempfile.TemporaryDirectory(prefix="atlaslens-fonts-") as cut:
        characters = {
            *show(json.dumps(asdict(facts), ensure_ascii=False)),
            *figures.characters,
            *_OWN_CHARACTERS,
        }
        fonts = cut_fonts(characters, glyphs, Path(cut))
        press = _Press(facts, figures, fonts, Typesetter(fonts), show, created_ms, names)
        left = iter(events())
        volumes = []
        for number, name in enumerate(names):
            first_row = number * events_per_volume + 1
            batch = islice(left, events_per_volume)
            volumes.append(press.print_volume(number, first_row, batch, folder / name, events_per_volume))
        return volumes


@dataclass(frozen=True, slots=True)
class _Press:
    """Draws volumes, one after the other, so that only one is in memory."""

    facts: ReportFacts
    figures: Digest
    fonts: ReportFonts
    typesetter: Typesetter
    show: Callable[[str], str]
    created_ms: int
    names: list[str]

    def print_volume(
        self, number: int, first_row: int, batch: Iterable[JsonObject], path: Path, most: int
    ) -> PdfVolume:
        """Draw and write one volume; ``number`` counts from 0."""
        facts = self.facts
        sheet = Sheet(self.fonts, self.typesetter, self.show, self._stamp(number), created_ms=self.created_ms)
        if number == 0:
            draw_cover(sheet, facts, self.figures, created_ms=self.created_ms, volumes=self.names)
            draw_summary(sheet, facts, self.figures)
            draw_coverage(sheet, facts)
            draw_gaps(sheet, facts)
            draw_verification(sheet, facts)
        count = min(most, facts.count - first_row + 1)
        if count:
            sheet.turn(LANDSCAPE)
            sheet.start_section("Events")
            sheet.prose("Events", HEADING)
            rows = f"rows {first_row:,} to {first_row + count - 1:,} of {facts.count:,}"
            sheet.prose(f"{facts.title}: {rows}", NOTE, after=3)
            draw_table(sheet, self._rows(batch, first_row))
        content = bytes(sheet.output())
        _write(path, content)
        return PdfVolume(
            path=path,
            first_row=first_row,
            count=count,
            pages=sheet.pages_count,
            size_bytes=len(content),
            sha256=hashlib.sha256(content).hexdigest(),
        )

    def _rows(self, batch: Iterable[JsonObject], first_row: int) -> Iterator[tuple[str, list[Cell]]]:
        for row, event in enumerate(batch, first_row):
            yield texts_at(event, TIME_PATH)[0][:10], cells_of(event, row, self.show)

    def _stamp(self, number: int) -> Stamp:
        facts = self.facts
        return Stamp(
            title=f"{facts.title}: evidence report",
            subject=f"{facts.count} events, SHA-256 of events.jsonl {facts.events_sha256}",
            tool_version=facts.tool_version,
            volume=f"volume {number + 1} of {len(self.names)}, " if len(self.names) > 1 else "",
            digests=(
                ("events.jsonl, SHA-256", facts.events_sha256),
                ("Merkle root", facts.merkle_root),
            ),
        )


def _write(path: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "wb") as file:
            file.write(content)
    except OSError as error:
        raise unwritable(path, error) from None
