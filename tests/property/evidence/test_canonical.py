"""The canonical form is RFC 8785, whichever way it is reached."""

from __future__ import annotations

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.model.canonical import MAX_SAFE_INTEGER, canonical_bytes

INTEGERS = st.integers(-MAX_SAFE_INTEGER, MAX_SAFE_INTEGER)
TEXTS = st.text()  # hypothesis never draws lone surrogates here unless asked to
FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def documents(scalars: st.SearchStrategy, keys: st.SearchStrategy) -> st.SearchStrategy:
    return st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=5),
        max_leaves=12,
    )


PLAIN = documents(st.none() | st.booleans() | INTEGERS | TEXTS, st.text(st.characters(codec="ascii")))
ANY = documents(st.none() | st.booleans() | INTEGERS | TEXTS | FLOATS, TEXTS)


@settings(max_examples=200, deadline=None)
@given(PLAIN | ANY)
def test_it_equals_the_reference_implementation(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@settings(max_examples=100, deadline=None)
@given(PLAIN)
def test_it_reads_back_and_is_its_own_canonical_form(value):
    content = canonical_bytes(value)
    assert json.loads(content) == value
    assert canonical_bytes(json.loads(content)) == content


def test_keys_are_sorted_by_utf_16_code_units():
    assert canonical_bytes({"\ue000": 1, "\U0001f600": 2}) == '{"\U0001f600":2,"\ue000":1}'.encode()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("\ud800", "lone surrogate"),
        ({"\udfff": 1}, "lone surrogate"),
        ([1.5, {"é": "\ud800"}], "lone surrogate"),
        (2**53, "2^53"),
        (-(2**53), "2^53"),
        (float("nan"), "not finite"),
        ([float("inf")], "not finite"),
        ({1: 2}, "key is not text"),
        ({"a": {1, 2}}, "no JSON type"),
    ],
)
def test_what_has_no_canonical_form_is_refused_by_reason(value, said):
    with pytest.raises(ValueError, match=said.replace("^", r"\^")):
        canonical_bytes(value)


@pytest.mark.parametrize("leaf", ["a", 1.5])
def test_bottomless_nesting_is_refused(leaf):
    value = leaf
    for _ in range(20_000):
        value = [value]
    with pytest.raises(ValueError, match="nested too deep"):
        canonical_bytes(value)
