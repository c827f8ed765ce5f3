"""When a connector's next round is due, however long it has been failing."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.errors import AccessError, AtlaslensError, StoreError, TransientError
from atlaslens_forwarder.model.connector import ConnectorId
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service.connector import RoundReport
from atlaslens_forwarder.service.supervisor import JITTER, LONGEST_BACKOFF_S, Schedule

INTERVAL_S = 300.0
EXPIRED = AccessError("x", status=SourceStatus.EXPIRED)


def schedule(interval_s: float = INTERVAL_S) -> Schedule:
    return Schedule(interval_s, random.Random(1))


def report(error: AtlaslensError | None = None) -> RoundReport:
    return RoundReport(ConnectorId("acme", "jira-audit"), error=error)


def throttled(wait_s: float | None) -> RoundReport:
    return report(TransientError("x", status=SourceStatus.THROTTLED, wait_s=wait_s))


def about(seconds: float) -> object:
    low, high = JITTER
    return pytest.approx(seconds, rel=max(1 - low, high - 1) + 1e-9)


def test_rounds_follow_each_other_at_the_interval_with_jitter():
    plan = schedule()

    waits = [plan.wait_s(report()) for _ in range(50)]

    assert all(wait_s == about(INTERVAL_S) for wait_s in waits)
    assert len(set(waits)) > 40


@pytest.mark.parametrize("failed", [report(EXPIRED), report(StoreError("x")), None])
def test_failures_wait_longer_and_longer_and_success_forgets_them(failed):
    plan = schedule()

    assert [plan.wait_s(failed) for _ in range(6)] == [about(s) for s in (300, 600, 1200, 2400, 3600, 3600)]
    assert plan.wait_s(report()) == about(INTERVAL_S)
    assert plan.wait_s(failed) == about(INTERVAL_S)


@given(st.sampled_from([5.0, 300.0, 86_400.0]), st.integers(1, 5_000), st.none() | st.floats(1, 3600))
@settings(deadline=None, max_examples=40)
def test_months_of_failures_neither_stop_nor_hasten_it(interval_s, failures, wait_s):
    refused, limited = schedule(interval_s), schedule(interval_s)
    for _ in range(failures):
        refused.wait_s(None)
        limited.wait_s(throttled(wait_s))

    assert refused.wait_s(None) <= JITTER[1] * max(interval_s, LONGEST_BACKOFF_S)
    assert max(0.9 * interval_s, wait_s or 0) <= limited.wait_s(throttled(wait_s))
    assert limited.wait_s(throttled(wait_s)) <= max(JITTER[1] * interval_s, wait_s or 0)


def test_a_passing_failure_is_tried_again_at_the_interval():
    plan = schedule()

    assert [plan.wait_s(throttled(None)) for _ in range(5)] == [about(INTERVAL_S)] * 5


def test_a_server_that_says_when_is_never_asked_before():
    plan = schedule()

    assert all(plan.wait_s(throttled(1000)) >= 1000 for _ in range(50))
