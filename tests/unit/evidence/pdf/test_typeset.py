"""Lines of text: broken, measured and put in order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.evidence.pdf.faces import Glyphs
from atlaslens_forwarder.evidence.pdf.fonts import cut_fonts
from atlaslens_forwarder.evidence.pdf.typeset import Typesetter

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = "abc XYZ_-./0 \nÄß→Жω山田한مح مدשלםนำมีक्षि\u200dü👍🏽"


@pytest.fixture(scope="module")
def typesetter(tmp_path_factory: pytest.TempPathFactory) -> Typesetter:
    folder: Path = tmp_path_factory.mktemp("fonts")
    return Typesetter(cut_fonts(LETTERS + "()12", Glyphs(), folder))


@settings(deadline=None, max_examples=150)
@given(text=st.text(LETTERS, max_size=80), limit=st.integers(2_500, 20_000))
def test_every_line_fits_and_only_white_space_is_dropped(
    typesetter: Typesetter, text: str, limit: int
) -> None:
    lines = typesetter.lines("sans", text, limit)
    assert re.sub(r"[\s\u200e\u200f]", "", "".join(lines)) == re.sub(r"\s", "", text)
    for line in lines:
        drawn = typesetter.runs("sans", line)
        assert sum(run.width for run in drawn) <= limit or len(line.strip("\u200e\u200f")) <= 12


@settings(deadline=None, max_examples=150)
@given(text=st.text(LETTERS.replace("\n", ""), max_size=60))
def test_runs_hold_every_character_once(typesetter: Typesetter, text: str) -> None:
    assert sorted("".join(run.text for run in typesetter.runs("sans", text))) == sorted(text)


def test_ids_break_after_punctuation_and_long_words_anywhere(typesetter: Typesetter) -> None:
    assert typesetter.lines("sans", "abc_abc_abc", 4_600) == ("abc_abc_", "abc")
    cut = typesetter.lines("sans", "a" * 40, 6_000)
    assert len(cut) > 2
    assert "".join(cut) == "a" * 40


def test_marks_stay_with_their_letters(typesetter: Typesetter) -> None:
    for line in typesetter.lines("sans", "นำมี" * 20, 5_000):
        assert line[0] not in "ำี"
    assert all(line.endswith("🏽") for line in typesetter.lines("sans", "👍🏽" * 10, 5_000))


def test_text_of_two_directions_is_drawn_from_left_to_right(typesetter: Typesetter) -> None:
    assert [run.text.strip() for run in typesetter.runs("sans", "abc שלם XYZ") if run.text.strip()] == [
        *("abc", "שלם", "XYZ"),
    ]
    assert [run.text.strip() for run in typesetter.runs("sans", "שלם abc לם") if run.text.strip()] == [
        *("לם", "abc", "שלם"),
    ]


def test_a_later_line_keeps_the_direction_of_its_paragraph(typesetter: Typesetter) -> None:
    first = "abc XYZ abc XYZ"
    lines = typesetter.lines("sans", f"{first} שלם abc", typesetter.width("sans", first) + 1)
    assert len(lines) == 2
    assert [run.text.strip() for run in typesetter.runs("sans", lines[1]) if run.text.strip()] == [
        *("שלם", "abc"),
    ]


def test_a_character_is_drawn_from_the_face_that_has_it(typesetter: Typesetter) -> None:
    faces = {run.text: run.face for run in typesetter.runs("sans", "a→山")}
    assert faces == {"a": "sans", "→": "symbols", "山": "cjk"}
    assert [run.face for run in typesetter.runs("mono", "0→")] == ["mono"]
