"""The bounds of an export, as people type them."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.model.time import iso_ms


def test_a_bare_date_as_from_is_its_utc_midnight():
    assert iso_ms(parse_from("2026-01-31")) == "2026-01-31T00:00:00.000Z"


def test_a_bare_date_as_to_includes_the_whole_day():
    assert iso_ms(parse_to("2026-03-31")) == "2026-04-01T00:00:00.000Z"


def test_a_time_means_itself_in_both_places():
    assert parse_from("2026-01-31T08:00:00+02:00") == parse_to("2026-01-31T06:00:00Z")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-02-30",
        "2026-W01-1",
        "20260101",
        "2026-01-01T00:00:00",
        "1969-12-31",
        "9999-12-31",
        "0001-01-01T00:00:00+14:00",
        "٢٠٢٦-٠١-٠١",
    ],
)
@pytest.mark.parametrize("parse", [parse_from, parse_to])
def test_what_is_no_time_is_refused_with_an_example(parse, text):
    with pytest.raises(ConfigError) as caught:
        parse(text)
    assert "2026-01-31T08:00:00Z" in caught.value.one_line()
