"""Whatever stands in a settings file: our settings change, everything else stays byte for byte."""

from __future__ import annotations

import io

from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.service.connect.env_file import edit_env, values_of

OURS = ("ATLASLENS_SITES__ACME__URL", "ATLASLENS_SITES__ACME__EMAIL", "ATLASLENS_SITES__ACME__API_TOKEN")
WORDS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
FREE = st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20)
VALUES = st.sampled_from(["info", "'a b'", '"x # y"', "$HOME", "a=b", ""])
OTHER_LINES = st.one_of(
    st.just(""),
    FREE.map(lambda text: f"# {text}"),
    st.tuples(st.sampled_from(["OTHER", "export MORE", "ATLASLENS_LOG__LEVEL"]), VALUES).map("=".join),
    st.just("MULTI='first\nATLASLENS_SITES__ACME__URL=not a setting\nlast'"),
)
OUR_LINES = st.tuples(st.sampled_from([*OURS, OURS[0].lower(), f"export {OURS[1]}"]), WORDS).map(
    lambda pair: f"{pair[0]}='{pair[1]}'" if "'" not in pair[1] and "\\" not in pair[1] else f"{pair[0]}=x"
)
EOLS = st.sampled_from(["\n", "\r\n"])
CHANGES = st.dictionaries(st.sampled_from(OURS), st.one_of(st.none(), WORDS))


@st.composite
def files(draw):
    """Text with lines of ours among others; the others alone as well."""
    eol = draw(EOLS)
    lines = draw(st.lists(st.tuples(st.booleans(), OTHER_LINES, OUR_LINES), max_size=12))
    text = eol.join(ours if is_ours else other for is_ours, other, ours in lines)
    return text + (eol if draw(st.booleans()) and text else "")


def read(text):
    found = dotenv_values(stream=io.StringIO(text), interpolate=False)
    return {name.upper(): value for name, value in found.items()}


def without(values, names):
    return {name: value for name, value in values.items() if name not in names}


@given(files(), CHANGES)
def test_what_is_written_is_read_back_and_all_else_is_as_before(text, change):
    before, edited = read(text), edit_env(text, change, heading="Site acme")

    after = read(edited)
    assert {name: after.get(name) for name in change} == change
    assert without(after, change) == without(before, change)


@given(files(), CHANGES)
def test_taking_our_settings_away_leaves_the_others_byte_for_byte(text, change):
    nothing = dict.fromkeys(change)
    gone = edit_env(text, nothing, heading="")

    lines = [line for line in edit_env(text, change, heading="h").splitlines() if line.strip()]
    kept = iter(lines)
    assert all(line in kept for line in gone.splitlines() if line.strip())  # in their order


@given(files(), CHANGES)
def test_doing_it_again_changes_nothing(text, change):
    once = edit_env(text, change, heading="Site acme")

    assert edit_env(once, change, heading="Site acme") == once


@given(files())
def test_no_change_is_no_change(text):
    assert edit_env(text, {}, heading="Site acme") == text


@given(files())
def test_settings_are_read_as_they_are_later(text):
    assert values_of(text) == {name: value or "" for name, value in read(text).items()}
