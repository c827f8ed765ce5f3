"""Redaction takes out what is secret, keeps what is not, and is done in linear time."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.telemetry.redaction import REDACTED, SHORTEST_SECRET, Redactor

SECRET = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=SHORTEST_SECRET, max_size=30)


@given(SECRET, st.text(max_size=20), st.text(max_size=20))
@settings(deadline=None)
def test_no_known_secret_survives(secret, before, after):
    redactor = Redactor([secret])
    text = f"{before}{secret}{after}"

    assert secret not in redactor.text(text).replace(REDACTED, "\0").replace("redacted", "\0")


def test_the_longest_of_overlapping_secrets_is_taken():
    assert Redactor(["abcd", "abcdefgh"]).text("abcdefgh") == REDACTED


def test_words_as_short_as_an_empty_or_tiny_secret_stay():
    assert Redactor(["", "a", "the"]).text("the cat sat") == "the cat sat"


@pytest.mark.parametrize(
    "value", [None, True, 5, 1.5, [], {}, "round done", "acme:jira-audit", "jira@10.0.1"]
)
def test_ordinary_values_stay(value):
    assert Redactor(["s3cret"]).value(value) == value


def test_values_of_any_kind_are_looked_through():
    redactor = Redactor(["s3cret"])

    assert redactor.value({"s3cret": ("a s3cret", b"s3cret", [ValueError("s3cret")])}) == {
        REDACTED: [f"a {REDACTED}", f"b'{REDACTED}'", [REDACTED]]
    }


@pytest.mark.parametrize("part", ["a", "a@", "//", "//a", "basic ", "Bearer a", "x@y."])
def test_hostile_text_takes_linear_time(part):
    started_s = time.process_time()

    Redactor(["s3cret"]).text(part * 100_000)

    assert time.process_time() - started_s < 3.0
