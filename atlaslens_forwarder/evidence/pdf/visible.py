"""Text in which nothing is hidden: what has no glyph, or works unseen, is written as ``[U+XXXX]``. Pure."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

JOINERS: Final = frozenset("\u200c\u200d\ufe0e\ufe0f")
"""Zero-width joiners and variation selectors: they only say how their neighbours are drawn."""

_LINE_ENDS: Final = frozenset("\n\r\v\f\u0085\u2028\u2029")
_UNSEEN: Final = frozenset(("Cc", "Cf", "Cs", "Co"))


class Visible(dict[int, str]):
    """Makes texts drawable: line ends as LF, tabs as four spaces, all else that cannot be seen by number.

    Controls of the writing direction count as unseen: they could make a name read as another one. As a
    mapping it is the table for ``str.translate``, which fills itself.
    """

    def __init__(self, has_glyph: Callable[[str], bool]) -> None:
        super().__init__()
        self._has_glyph = has_glyph

    def __call__(self, text: str) -> str:
        """The text as it can be drawn."""
        if text.isascii() and text.isprintable():
            return text
        return text.replace("\r\n", "\n").translate(self)

    def __missing__(self, code: int) -> str:
        shown = self[code] = self._shown(chr(code))
        return shown

    def _shown(self, char: str) -> str:
        if char in _LINE_ENDS:
            return "\n"
        if char == "\t":
            return "    "
        if char in JOINERS:
            return char
        category = unicodedata.category(char)
        if category == "Zs":
            return " "
        if category in _UNSEEN or not self._has_glyph(char):
            return f"[U+{ord(char):04X}]"
        return char
