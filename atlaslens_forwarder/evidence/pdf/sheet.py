"""A PDF page by page: places lines of text, breaks pages, draws the footer. Knows no event."""

from __future__ import annotations

from codecs import BOM_UTF16_BE
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from fpdf import FPDF

from atlaslens_forwarder.evidence.pdf.look import (
    ACCENT,
    BODY,
    FOOT,
    FOOT_HASH,
    FOOT_MM,
    HAIR,
    HAIR_MM,
    HEADING,
    MARGIN_MM,
    NOTE,
    PORTRAIT,
    RULE_MM,
    TOP_MM,
    Colour,
    Style,
)
from atlaslens_forwarder.evidence.pdf.typeset import SHAPING
from atlaslens_forwarder.model.time import from_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.evidence.pdf.fonts import ReportFonts
    from atlaslens_forwarder.evidence.pdf.typeset import Run, Typesetter

PRODUCT: Final = "atlaslens_forwarder"
_PAGES_ALIAS: Final = "\ue000" * 5
"""Stands for the number of pages until it is known; private use, so no text of an event can hold it."""
_FOOT_LABEL_MM: Final = 27.0
_FOOT_RIGHT_MM: Final = 44.0
_CELL_BASELINE: Final = 0.8
"""fpdf2 puts the baseline of a cell of height = size at this part of it."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every page repeats."""

    title: str
    subject: str
    tool_version: str
    volume: str
    """Empty where there is only one."""
    digests: tuple[tuple[str, str], ...]


class Sheet(FPDF):
    """One volume. ``at`` is where the next text goes: the top of its line, in millimetres from the top."""

    def __init__(
        self,
        fonts: ReportFonts,
        typesetter: Typesetter,
        visible: Callable[[str], str],
        stamp: Stamp,
        *,
        created_ms: int,
    ) -> None:
        super().__init__(unit="mm", format="A4")
        self.type = typesetter
        self.visible = visible
        self.at = 0.0
        self._stamp = stamp
        self._side = PORTRAIT
        self._style: Style | None = None
        for name, font in fonts.fonts.items():
            self.add_font(name, fname=font.path)
        self.set_auto_page_break(auto=False)
        self.c_margin = 0
        self.alias_nb_pages(_PAGES_ALIAS)
        self.set_creation_date(from_ms(created_ms))
        self.set_title(stamp.title)
        self.set_subject(stamp.subject)
        self.set_creator(f"{PRODUCT} {stamp.tool_version}")
        self.set_producer(PRODUCT)
        self.set_lang("en")

    @property
    def left(self) -> float:
        """Where text begins."""
        return MARGIN_MM[self._side]

    @property
    def measure(self) -> float:
        """The width of the text area."""
        return float(self.w) - 2 * self.left

    @property
    def bottom(self) -> float:
        """Where text must end."""
        return float(self.h) - FOOT_MM

    def turn(self, side: str) -> None:
        """Begin a page of this orientation."""
        self._side = side
        self.add_page(orientation=side)
        self._style = None  # a new page begins with the colour from before the footer
        self.at = TOP_MM[side]

    def need(self, height_mm: float) -> None:
        """Begin a new page unless this height is left on this one."""
        if self.at + height_mm > self.bottom:
            self.turn(self._side)

    def footer(self) -> None:
        """Digests, product, volume, page x of y."""
        top = self.h - FOOT_MM + 6
        right = self.left + self.measure - _FOOT_RIGHT_MM
        self.rule(top - 3.6, HAIR, HAIR_MM)
        for row, (label, digest) in enumerate(self._stamp.digests):
            y = top + row * FOOT.leading_mm
            self.place(self.left, y, label, FOOT)
            self.place(self.left + _FOOT_LABEL_MM, y, digest, FOOT_HASH)
        self.place(right, top, f"{PRODUCT} {self._stamp.tool_version}", FOOT)
        self.set_text_shaping(use_shaping_engine=False)
        self.set_xy(right, top + FOOT.leading_mm)
        self.cell(0, FOOT.leading_mm, f"{self._stamp.volume}page {self.page_no()} of {_PAGES_ALIAS}")

    def width(self, text: str, style: Style) -> float:
        """The width of one line."""
        return self.type.width(style.face, text) * style.mm_per_unit

    def broken(self, text: str, style: Style, width: float) -> Sequence[str]:
        """Visible text as lines of this width."""
        return self.type.lines(style.face, self.visible(text), width / style.mm_per_unit)

    def place(self, x: float, y: float, line: str, style: Style) -> None:
        """Draw one line of visible text; ``y`` is the top of the line."""
        if style is not self._style:
            self.set_text_color(*style.colour)
            self._style = style
        base = y + style.leading_mm * 0.5 + style.size_pt * 0.125
        for run in self.type.runs(style.face, line):
            if run.face != self.font_family or style.size_pt != self.font_size_pt:
                self.set_font(run.face, size=style.size_pt)
            if run.shaped:
                self._place_shaped(run, x, base, run.width * style.mm_per_unit)
            else:
                self.text(x, base, run.text)
            x += run.width * style.mm_per_unit

    def _place_shaped(self, run: Run, x: float, base: float, width: float) -> None:
        """Draw a run whose glyphs the shaper chooses and places.

        They need not stand in the order of the text, nor one for each character; so readers that copy or
        search are given the text itself (ISO 32000-1, 14.9.4), in visual order, which they turn round as
        they do glyphs.
        """
        size = float(self.font_size)
        text = (run.text[::-1] if run.rtl else run.text).encode("utf-16-be")
        self._out(f"/Span <</ActualText <{(BOM_UTF16_BE + text).hex()}>>> BDC")
        direction = "rtl" if run.rtl else "ltr"
        self.set_text_shaping(use_shaping_engine=True, features=SHAPING, direction=direction)
        self.set_xy(x, base - _CELL_BASELINE * size)
        self.cell(width, size, run.text)
        self._out("EMC")

    def prose(
        self,
        text: str,
        style: Style = BODY,
        *,
        indent: float = 0,
        width: float | None = None,
        after: float = 0,
    ) -> None:
        """A paragraph at the cursor, over as many pages as it needs."""
        room = (self.measure if width is None else width) - indent
        for line in self.broken(text, style, room):
            self.need(style.leading_mm)
            self.place(self.left + indent, self.at, line, style)
            self.at += style.leading_mm
        self.at += after

    def heading(self, text: str, *, keep: float = 30) -> None:
        """A chapter's heading, in the outline too; ``keep`` is the height that must follow on its page."""
        self.need(HEADING.leading_mm + keep)
        self.start_section(text)
        self.prose(text, HEADING, after=1.2)
        self.rule(self.at, ACCENT, RULE_MM)
        self.at += 4

    def pairs(self, pairs: Sequence[tuple[str, str, Style]], label_width: float, label: Style) -> None:
        """Names on the left, values on the right, each value in its style and in full."""
        for name, value, style in pairs:
            lines = self.broken(value, style, self.measure - label_width)
            for row, line in enumerate(lines):
                self.need(style.leading_mm)
                if row == 0:
                    self.place(self.left, self.at, name, label)
                self.place(self.left + label_width, self.at, line, style)
                self.at += style.leading_mm
            self.at += 1.1

    def rule(self, y: float, colour: Colour, thickness: float) -> None:
        """A line over the width of the text."""
        self.set_draw_color(*colour)
        self.set_line_width(thickness)
        self.line(self.left, y, self.left + self.measure, y)

    def remark(self, text: str) -> None:
        """A quiet sentence below something."""
        self.prose(text, NOTE, after=2.5)
