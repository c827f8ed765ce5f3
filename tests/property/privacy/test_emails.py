"""No e-mail address survives, whatever stands around it, and nothing else is touched."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.privacy.emails import normal_form, text_without_emails, without_emails
from atlaslens_forwarder.privacy.keyring import Keyring

BLIND = Keyring.generate().blind
LOOKS_LIKE_ONE = re.compile(r"[\w.+'-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}")
LOCAL = st.from_regex(r"[A-Za-z0-9ü_][A-Za-z0-9ü_.+'!#$*^~-]{0,70}[A-Za-z0-9ü_]", fullmatch=True)
LABEL = st.from_regex(r"[a-z0-9öж][a-z0-9öжA-Z-]{0,10}[a-z0-9öж]", fullmatch=True)
DOMAIN = st.builds(
    lambda labels, top: ".".join([*labels, top]),
    st.lists(LABEL, min_size=1, max_size=3),
    st.sampled_from(["com", "example", "DE", "museum", "xn--p1ai", "рф", "भारत"]),
)
ADDRESS = st.builds(lambda local, domain: f"{local}@{domain}", LOCAL, DOMAIN)
AROUND = st.text(
    alphabet=st.sampled_from(" \t\n<>()[]{}\"'`,;:|\\/=?&%@.-_+aZ9é„“»\u200b\ud800"), max_size=12
)
SPELLING = st.sampled_from([lambda a: a, lambda a: a.replace("@", "%40"), lambda a: a.replace("@", "%2540")])


@given(AROUND, ADDRESS, SPELLING, AROUND)
@settings(deadline=None, max_examples=500)
def test_no_address_survives_whatever_stands_around_it(before, address, spell, after):
    cleaned = text_without_emails(f"{before}{spell(address)}{after}", BLIND)

    assert spell(address).casefold() not in cleaned.casefold()
    assert "[email:" in cleaned
    assert text_without_emails(cleaned, BLIND) == cleaned


@given(
    st.sampled_from([" ", "<", "mailto:", "(", "e%3D", "'", "“", "a/"]),
    ADDRESS,
    st.sampled_from(["", " ", ">", ", ", ".", "?x=1", "”"]),
)
@settings(deadline=None, max_examples=300)
def test_an_address_is_known_again_in_every_place_and_spelling(before, address, after):
    assume("'" not in address)
    assume(not re.search(r"\W'|'\W", address))  # an odd apostrophe is taken for a quotation mark
    expected = f"{before}[email:{BLIND(normal_form(address))}]{after}"

    for spelled in (
        address,
        address.upper(),
        address.replace("@", "%40"),
        address.replace("+", "%2B").replace("@", "＠"),
    ):
        assume(normal_form(spelled) == normal_form(address))
        assert text_without_emails(f"{before}{spelled}{after}", BLIND) == expected


@st.composite
def documents(draw):
    text = st.text(max_size=8) | ADDRESS | st.builds("{} <{}>".format, st.text(max_size=5), ADDRESS)
    leaf = st.none() | st.booleans() | st.integers() | text
    tree = st.recursive(
        leaf,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
        max_leaves=25,
    )
    return {"row": draw(tree), draw(text): draw(tree)}


def leaves(value):
    if isinstance(value, dict):
        return [each for key, item in value.items() for each in (key, *leaves(item))]
    if isinstance(value, list):
        return [each for item in value for each in leaves(item)]
    return [value]


@given(documents())
@settings(deadline=None, max_examples=300)
def test_rows_lose_their_addresses_at_any_depth_and_nothing_else(row):
    before = repr(row)

    cleaned = without_emails(row, BLIND)

    assert repr(row) == before, "the row itself was changed"
    assert len(leaves(cleaned)) == len(leaves(row))
    assert not [text for text in leaves(cleaned) if isinstance(text, str) and LOOKS_LIKE_ONE.search(text)]
    assert without_emails(cleaned, BLIND) is cleaned
    untouched = not any(
        isinstance(leaf, str) and text_without_emails(leaf, BLIND) != leaf for leaf in leaves(row)
    )
    assert (cleaned is row) is untouched


@given(st.text())
@settings(deadline=None)
def test_text_without_an_at_sign_is_the_same_object(text):
    assume(not re.search(r"[@＠﹫]|40", text))

    assert text_without_emails(text, BLIND) is text


@pytest.mark.parametrize(
    "text", ["lodash@4.17.21", "@here", "a @ b.com", "user@localhost", "50%4027", "@", "x@.com"]
)
def test_what_no_person_takes_for_an_address_stays(text):
    assert text_without_emails(text, BLIND) == text


@pytest.mark.parametrize("text", ['"Ada L"@corp.example', "O'Hara@corp.example", "a!#$*+^~b@corp.example"])
def test_unusual_local_parts_are_taken_whole(text):
    assert text_without_emails(f"by {text} ", BLIND) == f"by [email:{BLIND(normal_form(text))}] "


def test_two_keys_that_spell_one_address_keep_both_values():
    cleaned = without_emails({"A@corp.example": 1, "a@corp.example": 2}, BLIND)

    assert sorted(cleaned.values()) == [1, 2]


def test_a_row_nested_without_end_is_a_value_error():
    row: dict = {}
    for _ in range(100_000):
        row = {"a": row}

    with pytest.raises(ValueError, match="nested too deep"):
        without_emails(row, BLIND)


@pytest.mark.parametrize(
    "part",
    ["a@", "a", "a'", "%2B", "b.", "a@b.1.", '"', '"@', "%40", "%25", "a.b@c.1@", "@", "a@b.c%40", "é@é."],
)
def test_hostile_text_takes_linear_time(part):
    def took_s(count: int) -> float:
        started_s = time.process_time()
        text_without_emails("a@" + part * count, BLIND)
        return time.process_time() - started_s

    took_s(1_000)
    # Ten times the text: some 10 times the time when linear, 100 times when quadratic.
    assert took_s(200_000) < 3.0
