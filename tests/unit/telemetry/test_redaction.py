"""Redaction takes out what is secret, keeps what is not, and is done in linear time."""

from __future__ import annotations

import base64
import html
import json
import re
import time
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.telemetry.redaction import REDACTED, SHORTEST_SECRET, Redactor

SECRET = st.text(st.characters(codec="ascii", min_codepoint=33), min_size=SHORTEST_SECRET, max_size=30)


FORMS = (
    str,
    repr,
    html.escape,
    json.dumps,
    lambda text: quote(text, safe=""),
    lambda text: quote(quote(text, safe=""), safe=""),
    lambda text: re.sub("%..", lambda found: found[0].lower(), quote(text, safe="")),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(text.encode()).decode(),
    lambda text: text.encode().hex(),
)


@given(SECRET, st.sampled_from(FORMS))
@settings(deadline=None)
def test_no_form_of_a_secret_survives(secret, form):
    shown = form(secret)
    core = shown.strip("\"'") if form in {repr, json.dumps} else shown

    assert core not in Redactor([secret]).text(f"<p>{shown}</p>").replace(REDACTED, "\0")


@pytest.mark.parametrize(
    "name", ["token", "access_token", "api_key", "apikey", "client_secret", "X-Sig", "password"]
)
def test_what_a_url_says_after_a_telling_name_goes(name):
    shown = Redactor(()).text(f"GET https://acme.example/x?page=2&{name}=abcdef&sort=up#end")

    assert shown == f"GET https://acme.example/x?page=2&{name}={REDACTED}&sort=up#end"


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


@pytest.mark.parametrize(
    "part", ["a", "a@", "//", "//a", "basic ", "Bearer a", "x@y.", "?token", "&sig=", "?a-token-"]
)
def test_hostile_text_takes_linear_time(part):
    started_s = time.process_time()

    Redactor(["s3cret"]).text(part * 100_000)

    assert time.process_time() - started_s < 3.0
