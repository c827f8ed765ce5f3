"""Measures and breaks text, and splits a line into the runs in which it is drawn. Pure but for the fonts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import uharfbuzz as hb
from fpdf.bidi import BidiParagraph, auto_detect_base_direction
from fpdf.enums import TextDirection

from atlaslens_forwarder.evidence.pdf.visible import JOINERS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from atlaslens_forwarder.evidence.pdf.fonts import ReportFonts

_SHAPED: Final = re.compile(
    "[\u0300-\u036f\u0590-\u1dff\u200c-\u200f\ua800-\uabff\ufb1d-\ufdff\ufe00-\ufe0f\ufe20-\ufe2f\ufe70-\ufefe"
    "\U00010800-\U00011fff\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]"
)
"""Characters whose look or place depends on their neighbours, by block."""

_PIECES: Final = re.compile(
    "[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff][\u3001\u3002\uff0c\uff0e]?"
    "|[^\\s_/.,:;@|\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff-]*[_/.,:;@|-]*\\s*"
)
"""A line may be broken between them: after white space and punctuation, around Han and Hangul."""

_RIGHT_TO_LEFT: Final = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\U00010800-\U00010fff]")
_LRM: Final = "\u200e"
_RLM: Final = "\u200f"

SHAPING: Final = {"kern": False}
"""Features of the shaper. Kerned glyphs are placed one by one, which breaks words when text is copied."""

_CACHED: Final = 1 << 14
_VIRAMA: Final = 9
"""Canonical combining class of the signs that join two consonants of an Indic script."""
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring characters of one face and direction, in the order in which they are read."""

    face: str
    text: str
    width: float
    """In thousandths of the size."""
    shaped: bool
    rtl: bool


class Typesetter:
    """Text in the fonts of one report. Widths are in thousandths of the font size."""

    def __init__(self, fonts: ReportFonts) -> None:
        self._fonts = fonts
        self._widths = {
            style: {char: fonts.fonts[name].widths[char] for char, name in faces.items()}
            for style, faces in fonts.faces.items()
        }
        self.lines = lru_cache(_CACHED)(self._lines)
        self.runs = lru_cache(_CACHED)(self._runs)
        self._plain_style = {
            style: frozenset(char for char, name in faces.items() if name == style)
            for style, faces in fonts.faces.items()
        }

    def width(self, style: str, text: str) -> float:
        """The width of one line."""
        if _SHAPED.search(text):
            return sum(run.width for run in self.runs(style, text))
        return self._plain(style, text)

    def _lines(self, style: str, text: str, limit: float) -> tuple[str, ...]:
        """The text broken into lines of at most ``limit``; only white space at a break is left out.

        A line of a text that goes both ways begins with the mark of its paragraph's direction, for ``runs``.
        """
        lines: list[str] = []
        for paragraph in text.split("\n"):
            if self.width(style, paragraph) <= limit:
                lines.append(paragraph)
            elif _RIGHT_TO_LEFT.search(paragraph):
                mark = _RLM if auto_detect_base_direction(paragraph) is TextDirection.RTL else _LRM
                lines += [mark + line for line in self._broken(style, paragraph, limit)]
            else:
                lines += self._broken(style, paragraph, limit)
        return tuple(lines)

    def _broken(self, style: str, text: str, limit: float) -> Iterator[str]:
        line = ""
        for piece in _PIECES.findall(text):
            if self.width(style, (line + piece).rstrip()) <= limit:
                line += piece
                continue
            if line:
                yield line.rstrip()
            line = piece
            if self.width(style, piece.rstrip()) > limit:
                *full, line = self._cut(style, piece, limit)
                yield from full
        if line:
            yield line.rstrip()

    def _cut(self, style: str, word: str, limit: float) -> list[str]:
        """A word that is wider than a line, cut between characters as a reader sees them; one always fits."""
        lines: list[str] = []
        line = ""
        used = 0.0
        for cluster in _clusters(word):
            width = self.width(style, cluster)
            if line and used + width > limit:
                lines.append(line)
                line, used = "", 0.0
            line += cluster
            used += width
        return [*lines, line]

    def _runs(self, style: str, line: str) -> tuple[Run, ...]:
        """The line in the order in which it is drawn, from the left (UAX #9 where it goes both ways)."""
        if not _SHAPED.search(line):
            if self._plain_style[style].issuperset(line):
                return (Run(style, line, self._plain(style, line), shaped=False, rtl=False),)
            return tuple(
                Run(face, text, self._plain(style, text), shaped=False, rtl=False)
                for face, text in self._by_face(style, line)
            )
        found: list[Run] = []
        for text, rtl in _in_visual_order(line):
            split = [self._shape(face, part, rtl=rtl) for face, part in self._by_face(style, text)]
            found += reversed(split) if rtl else split
        return tuple(found)

    def _plain(self, style: str, text: str) -> float:
        return sum(map(self._widths[style].__getitem__, text))

    def _by_face(self, style: str, text: str) -> Iterator[tuple[str, str]]:
        """Neighbours of one face. Marks and joiners stay with the face before, if it has them."""
        faces = self._fonts.faces[style]
        start, current = 0, ""
        for at, char in enumerate(text):
            face = faces.get(char, current or style)
            if current and (char in JOINERS or unicodedata.category(char)[0] == "M"):
                face = current if char in self._fonts.fonts[current].widths else face
            if face != current:
                if at > start:
                    yield current, text[start:at]
                start, current = at, face
        if text:
            yield current, text[start:]

    def _shape(self, face: str, text: str, *, rtl: bool) -> Run:
        font = self._fonts.fonts[face]
        buffer = hb.Buffer()
        buffer.add_str(text)
        buffer.guess_segment_properties()
        buffer.direction = "rtl" if rtl else "ltr"
        hb.shape(font.shaper, buffer, SHAPING)
        advance = sum(position.x_advance for position in buffer.glyph_positions)
        return Run(face, text, advance * 1000 / font.units_per_em, shaped=True, rtl=rtl)


def _clusters(word: str) -> Iterator[str]:
    """Characters with the marks, joiners and skin tones that belong to them."""
    cluster = ""
    for char in word:
        before = cluster[-1:]
        sticks = (
            char in JOINERS
            or ord(char) in _SKIN_TONES
            or unicodedata.category(char)[0] == "M"
            or before == "\u200d"
            or (before and unicodedata.combining(before) == _VIRAMA)
        )
        if cluster and not sticks:
            yield cluster
            cluster = ""
        cluster += char
    if cluster:
        yield cluster


def _in_visual_order(line: str) -> Sequence[tuple[str, bool]]:
    """Parts of one direction from the left, and whether each is read from the right (UAX #9, rule L2)."""
    text = line.lstrip(_LRM + _RLM)
    base = TextDirection.RTL if auto_detect_base_direction(line) is TextDirection.RTL else TextDirection.LTR
    parts: list[tuple[int, str]] = []
    for character in BidiParagraph(text, base, preserve_bn_chars=True).get_characters():
        level = character.embedding_level
        if parts and parts[-1][0] == level:
            parts[-1] = (level, parts[-1][1] + character.character)
        else:
            parts.append((level, character.character))
    for level in range(max((level for level, _ in parts), default=0), 0, -1):
        at = 0
        while at < len(parts):
            end = at
            while end < len(parts) and parts[end][0] >= level:
                end += 1
            parts[at:end] = parts[at:end][::-1]
            at = max(end, at + 1)
    return [(text, bool(level % 2)) for level, text in parts]
