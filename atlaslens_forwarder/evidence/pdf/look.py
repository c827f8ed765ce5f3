"""How a report looks: sizes, colours and the grid, in one place. Lengths in millimetres, A4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

Colour = tuple[int, int, int]

ACCENT: Final[Colour] = (17, 82, 104)
TINT: Final[Colour] = (233, 241, 244)
"""The accent on paper: behind notices and under the head of a table."""
INK: Final[Colour] = (28, 34, 40)
QUIET: Final[Colour] = (104, 114, 123)
HAIR: Final[Colour] = (214, 219, 223)
UNKNOWN: Final[Colour] = (168, 176, 182)
"""Hatching: nothing is known of this time."""
PAPER: Final[Colour] = (255, 255, 255)

HAIR_MM: Final = 0.12
RULE_MM: Final = 0.6

PORTRAIT: Final = "portrait"
LANDSCAPE: Final = "landscape"
MARGIN_MM: Final = {PORTRAIT: 20.0, LANDSCAPE: 12.0}
TOP_MM: Final = {PORTRAIT: 20.0, LANDSCAPE: 12.0}
FOOT_MM: Final = 18.0
"""Kept free at the bottom of every page for the footer."""

MM_PER_POINT: Final = 25.4 / 72


@dataclass(frozen=True, slots=True)
class Style:
    """A face (``sans``, ``bold``, ``mono``) in a size, with its distance between lines, and a colour."""

    face: str
    size_pt: float
    leading_mm: float
    colour: Colour = INK

    @property
    def mm_per_unit(self) -> float:
        """Millimetres of one thousandth of the size."""
        return self.size_pt * MM_PER_POINT / 1000


EYEBROW: Final = Style("bold", 8, 4.6, ACCENT)
TITLE: Final = Style("bold", 25, 10.6)
LEAD: Final = Style("sans", 11, 5.6, QUIET)
HEADING: Final = Style("bold", 14, 7, ACCENT)
SUBHEADING: Final = Style("bold", 9.5, 5)
FIGURE: Final = Style("bold", 19, 8.4)
BODY: Final = Style("sans", 8.8, 4.5)
STRONG: Final = Style("bold", 8.8, 4.5)
NOTE: Final = Style("sans", 7.8, 4, QUIET)
LABEL: Final = Style("sans", 8.8, 4.5, QUIET)
HASH: Final = Style("mono", 8.3, 4.5)
CODE: Final = Style("mono", 8, 4.4)
AXIS: Final = Style("sans", 6.8, 3.4, QUIET)
HEAD: Final = Style("bold", 7, 3.2, ACCENT)
CELL: Final = Style("sans", 7, 3.15)
CELL_DIM: Final = Style("sans", 6.2, 3.15, QUIET)
FOOT: Final = Style("sans", 6.6, 3.3, QUIET)
FOOT_HASH: Final = Style("mono", 6.2, 3.3, QUIET)
