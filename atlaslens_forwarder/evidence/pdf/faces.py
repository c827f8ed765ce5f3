"""The font files of a report, and which of them has a character's glyph.

All are under the SIL Open Font License and come as Python packages: Noto Sans with its scripts, symbols and
emoji (one colour), Noto Sans CJK (Japanese forms where Han characters differ by country), Source Code Pro.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Final

from fontTools.ttLib import TTFont

if TYPE_CHECKING:
    from collections.abc import Sequence

_SCRIPTS: Final = (
    *("Arabic", "Hebrew", "Devanagari", "Thai", "Armenian", "Georgian", "Bengali", "Gujarati", "Gurmukhi"),
    *("Tamil", "Telugu", "Kannada", "Malayalam", "Oriya", "Sinhala", "Lao", "Khmer", "Myanmar", "Ethiopic"),
    "Symbols",
)
_REGULAR: Final = 400
_BOLD: Final = 700


@dataclass(frozen=True, slots=True)
class Face:
    """One font as it is used: ``weight`` fixes a variable font, ``number`` picks from a collection."""

    name: str
    package: str
    file: str
    weight: int | None = _REGULAR
    number: int = 0

    @property
    def path(self) -> Path:
        """Where the installed package keeps the file."""
        return Path(str(files(self.package).joinpath(self.file)))


SANS: Final = Face("sans", "manimgx_fonts", "NotoSans[wght].ttf")
BOLD: Final = Face("bold", "manimgx_fonts", "NotoSans[wght].ttf", _BOLD)
MONO: Final = Face("mono", "fontpkg_source_code_pro", "files/SourceCodePro[wght].ttf")
FALLBACKS: Final = (
    SANS,
    *(Face(script.lower(), "manimgx_fonts", f"NotoSans{script}[wght].ttf") for script in _SCRIPTS),
    Face("cjk", "noto_cjk_sans_otc", "NotoSansCJK-Regular.ttc", None),
    Face("emoji", "manimgx_fonts", "NotoEmoji[wght].ttf"),
)
"""Asked in this order for a character that the wanted face does not have."""


def open_face(face: Face) -> TTFont:
    """The font file, tables read when needed, and left with the times that it has."""
    return TTFont(face.path, fontNumber=face.number, lazy=True, recalcTimestamp=False)


class Glyphs:
    """Answers which face draws a character; knows all fonts by their character maps alone."""

    def __init__(self) -> None:
        self._has: dict[str, frozenset[int]] = {}

    def has(self, char: str) -> bool:
        """Whether any face has the character."""
        return self.face_of(char, FALLBACKS) is not None

    def face_of(self, char: str, faces: Sequence[Face]) -> Face | None:
        """The first face that has the character."""
        code = ord(char)
        return next((face for face in faces if code in self.codes(face)), None)

    def codes(self, face: Face) -> frozenset[int]:
        """The code points that a face has glyphs for."""
        if face.file not in self._has:
            with open_face(face) as font:
                self._has[face.file] = frozenset(font.getBestCmap())
        return self._has[face.file]
