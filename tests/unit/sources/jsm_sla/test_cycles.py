"""Which cycles are breached, and when a request has to be looked at again."""

from __future__ import annotations

from typing import Any

import pytest

from atlaslens_forwarder.model.time import HOUR_MS, MINUTE_MS
from atlaslens_forwarder.sources.jsm_sla.cycles import KEPT, RUNNING, read_promises

NOW_MS = 1_795_420_800_000
ISSUE: dict[str, Any] = {"id": "10100", "key": "ITSM-1"}


def date(at_ms: int) -> dict[str, Any]:
    return {"iso8601": "2026-11-23T08:00:00+0000", "epochMillis": at_ms}


def cycle(start_ms: int, goal_ms: int = 4 * HOUR_MS, **more: Any) -> dict[str, Any]:
    return {
        "startTime": date(start_ms),
        "breachTime": date(start_ms + goal_ms),
        "breached": False,
        "goalDuration": {"millis": goal_ms},
    } | more


def promise(*completed: Any, ongoing: Any = None, id_: Any = "1") -> dict[str, Any]:
    body = {"id": id_, "name": "Time to resolution", "completedCycles": [*completed]}
    return body | ({} if ongoing is None else {"ongoingCycle": ongoing})


def test_breached_cycles_are_rows_and_the_others_are_counted():
    values = [
        promise(cycle(1, breached=True), cycle(2), ongoing=cycle(3, breached=True)),
        promise(ongoing=cycle(NOW_MS), id_="2"),
    ]
    found = read_promises(ISSUE, values, NOW_MS)
    assert [row.identity for row in found.rows] == ["10100:1:1", "10100:1:3"]
    assert [row.at_ms for row in found.rows] == [1 + 4 * HOUR_MS, 3 + 4 * HOUR_MS]
    assert found.without_event == {KEPT: 1, RUNNING: 1}
    assert found.received == 4


def test_the_earliest_running_promise_decides_when_to_look_again():
    values = [promise(ongoing=cycle(NOW_MS, goal)) for goal in (2 * HOUR_MS, HOUR_MS, 3 * HOUR_MS)]
    assert read_promises(ISSUE, values, NOW_MS).due_ms == NOW_MS + HOUR_MS


@pytest.mark.parametrize(
    ("ongoing", "due_ms"),
    [
        (cycle(NOW_MS, paused=True), None),
        (cycle(NOW_MS, breached=True), None),
        (cycle(NOW_MS, breachTime=None), None),
        (cycle(NOW_MS, breachTime="tomorrow"), None),
        (cycle(NOW_MS - 4 * HOUR_MS), NOW_MS),  # our clock may be ahead of theirs: ask at the next round
        (cycle(NOW_MS - 5 * HOUR_MS), NOW_MS + HOUR_MS),  # not so for ever
        (None, None),
    ],
)
def test_what_does_not_run_is_not_looked_at_again(ongoing, due_ms):
    assert read_promises(ISSUE, [promise(ongoing=ongoing)], NOW_MS).due_ms == due_ms


@pytest.mark.parametrize(
    "values",
    [
        ["nonsense"],
        [promise("nonsense")],
        [promise(ongoing="nonsense")],
        [promise({"breached": "yes"})],
        [promise(cycle(1, breached=True), id_=None)],
        [promise(cycle(1, breached=True, startTime="today"))],
    ],
)
def test_what_cannot_be_read_is_a_row_too_so_that_it_is_kept_in_quarantine(values):
    first, again = (read_promises(ISSUE, values, NOW_MS) for _ in range(2))
    assert len(first.rows) == first.received == 1
    assert first.rows[0].identity == again.rows[0].identity
    assert len(first.rows[0].identity) > 60


def test_a_promise_without_any_cycle_is_nothing():
    found = read_promises(ISSUE, [{"id": "1"}, {"id": "2", "completedCycles": None}], NOW_MS)
    assert (found.received, found.due_ms) == (0, None)


def test_minutes_of_difference_between_clocks_do_not_put_a_breach_off():
    ongoing = cycle(NOW_MS - 4 * HOUR_MS - 4 * MINUTE_MS)
    assert read_promises(ISSUE, [promise(ongoing=ongoing)], NOW_MS).due_ms == NOW_MS - 4 * MINUTE_MS
