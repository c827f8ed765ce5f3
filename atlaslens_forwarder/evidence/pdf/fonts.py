"""Cuts the fonts down to the characters of one report, once for all its volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import uharfbuzz as hb
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from atlaslens_forwarder.evidence.pdf.faces import BOLD, FALLBACKS, MONO, SANS, Face, Glyphs, open_face
from atlaslens_forwarder.evidence.pdf.visible import JOINERS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_ASCII: Final = frozenset(map(chr, range(0x20, 0x7F)))
_FAMILY_NAME_ID: Final = 1
_FULL_NAME_ID: Final = 4


@dataclass(frozen=True, slots=True)
class CutFont:
    """A static font file with the characters wanted; ``widths`` in thousandths of the size."""

    face: Face
    path: Path
    widths: dict[str, float]
    shaper: hb.Font
    units_per_em: int


@dataclass(frozen=True, slots=True)
class ReportFonts:
    """The fonts of one report, by name of the face, and the face of each character for each style."""

    fonts: dict[str, CutFont]
    faces: dict[str, dict[str, str]]
    """Style (``sans``, ``bold``, ``mono``) → character → name of its face."""


def cut_fonts(characters: Iterable[str], glyphs: Glyphs, folder: Path) -> ReportFonts:
    """Write the fonts that these characters need into ``folder``. The same characters give the same bytes."""
    wanted = sorted(set(characters) | _ASCII)
    faces: dict[str, dict[str, str]] = {}
    needed: dict[Face, list[str]] = {}
    for style in (SANS, BOLD, MONO):
        order = (style, *FALLBACKS)
        faces[style.name] = chosen = {}
        for char in wanted:
            face = glyphs.face_of(char, order)
            if face is not None:
                chosen[char] = face.name
                needed.setdefault(face, []).append(char)
    fonts = {face.name: _cut(face, {*chars, " "}, folder) for face, chars in needed.items()}
    return ReportFonts(fonts, faces)


def _cut(face: Face, characters: set[str], folder: Path) -> CutFont:
    path = folder / f"{face.name}{face.path.suffix.replace('.ttc', '.otf')}"
    options = Options(layout_features=["*"], notdef_outline=True, hinting=False, name_IDs=["*"])
    with open_face(face) as font:
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=sorted({*map(ord, characters), *map(ord, JOINERS)}))
        subsetter.subset(font)
        if face.weight is not None:
            instantiateVariableFont(font, {"wght": face.weight}, inplace=True)
        _rename(font, face)
        font.save(path)
    with TTFont(path) as font:
        metrics, units = font["hmtx"].metrics, font["head"].unitsPerEm
        widths = {chr(code): metrics[name][0] * 1000 / units for code, name in font.getBestCmap().items()}
    shaper = hb.Font(hb.Face(hb.Blob.from_file_path(str(path))))
    return CutFont(face, path, widths, shaper, units)


def _rename(font: TTFont, face: Face) -> None:
    """Regular and bold come from one file: without names of their own, readers could confuse them."""
    font["name"].names = []
    for name_id in (_FAMILY_NAME_ID, _FULL_NAME_ID):
        font["name"].setName(f"AtlasLens {face.name}", name_id, 3, 1, 0x409)
