"""Health of a connector from round to round, and as it is stored."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service.health import Health

TIME = st.none() | st.integers(0, 2**45)


def test_a_status_keeps_the_time_it_began():
    first = Health().after_round(SourceStatus.OK, 1_000)
    second = first.after_round(SourceStatus.OK, 2_000)

    assert (second.status_since_ms, second.last_round_ms, second.last_success_ms) == (1_000, 2_000, 2_000)


def test_a_failure_keeps_the_last_success_and_says_what_to_do():
    health = Health().after_round(SourceStatus.OK, 1_000)

    failed = health.after_round(SourceStatus.EXPIRED, 2_000, "the token is not accepted", "make a new one")

    assert (failed.status_since_ms, failed.last_round_ms, failed.last_success_ms) == (2_000, 2_000, 1_000)
    assert (failed.message, failed.hint) == ("the token is not accepted", "make a new one")


def test_a_success_forgets_the_failure():
    health = Health().after_round(SourceStatus.EXPIRED, 1_000, "x", "y").after_round(SourceStatus.OK, 2_000)

    assert (health.message, health.hint) == ("", "")


@given(st.builds(Health, st.sampled_from(SourceStatus), TIME, TIME, TIME, st.text(), st.text()))
@settings(deadline=None)
def test_health_survives_its_json_form(health):
    assert Health.from_json(json.loads(json.dumps(health.to_json()))) == health


@pytest.mark.parametrize("value", [{}, {"status": None}, {"status": "splendid", "last_success_ms": 5}])
def test_what_cannot_be_read_is_no_evidence(value):
    assert Health.from_json(value) == Health()


def test_times_of_another_form_are_no_times():
    assert Health.from_json({"status": "ok", "last_success_ms": "5"}).last_success_ms is None
