"""The simulated company is the same for the same seed, looks like a company, and costs no memory."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT, FaultPlan, Simulator, WorldSpec
from atlaslens_forwarder.simulator.world.calendar import at_busy, busy_at
from atlaslens_forwarder.simulator.world.history import History, Shape

NOW_MS = 1_795_420_800_000
SOURCES = (JIRA_AUDIT, CONFLUENCE_AUDIT)
PERMISSIONS = re.compile(r"permission|Project roles changed|restriction", re.IGNORECASE)


def simulator(seed: int = 5, size: int = 4000, **faults: object) -> Simulator:
    return Simulator(WorldSpec(seed, size, NOW_MS), faults=FaultPlan(**faults), clock=lambda: NOW_MS)


def rows(source: str, **world: int) -> list[dict]:
    return [truth.row for truth in simulator(**world).truth(source)]


@pytest.mark.parametrize("source", SOURCES)
def test_the_same_seed_gives_the_same_rows(source):
    assert rows(source) == rows(source)
    assert rows(source) != rows(source, seed=6)


def test_all_sources_together_hold_as_many_rows_as_asked_for():
    for size in (0, 1, 7, 4001):
        assert sum(len(rows(source, size=size)) for source in SOURCES) == size


def test_a_world_without_sources_is_refused():
    with pytest.raises(ConfigError):
        WorldSpec(1, 10, NOW_MS, weights={JIRA_AUDIT: 0})


@given(st.integers(min_value=0, max_value=4_000_000_000_000))
def test_busy_time_and_wall_time_are_inverse(at_ms):
    assert at_busy(busy_at(at_ms)) == at_ms


shapes = st.builds(
    Shape,
    st.floats(min_value=0, max_value=1),
    st.integers(min_value=0, max_value=40),
    st.integers(min_value=0, max_value=40),
)


@settings(max_examples=100, deadline=None)
@given(
    count=st.integers(min_value=1, max_value=400),
    seed=st.integers(min_value=0),
    shape=shapes,
    probe_ms=st.integers(min_value=-1000, max_value=366 * DAY_MS),
)
def test_times_never_go_back_and_are_found_by_search(count, seed, shape, probe_ms):
    start_ms = NOW_MS - 365 * DAY_MS
    history = History(seed, count, start_ms, NOW_MS, shape)
    times = [history.at_ms(index) for index in range(count)]
    assert times == sorted(times)
    assert start_ms <= times[0]
    assert times[-1] <= NOW_MS
    at_ms = start_ms + probe_ms
    assert history.first_at(at_ms) == sum(time < at_ms for time in times)
    assert history.after(at_ms) == sum(time <= at_ms for time in times)


def test_most_things_happen_in_office_hours():
    moments = [datetime.fromisoformat(row["created"]) for row in rows(JIRA_AUDIT)]
    busy = [moment for moment in moments if moment.weekday() < 5 and 7 <= moment.hour < 18]
    assert len(busy) > 0.8 * len(moments)
    assert any(moment.weekday() >= 5 for moment in moments)


@pytest.mark.parametrize("source", SOURCES)
def test_permission_changes_are_few_but_present_in_every_quarter(source):
    truths = list(simulator().truth(source))
    changes = [truth for truth in truths if PERMISSIONS.search(truth.row["summary"])]
    assert 0.05 < len(changes) / len(truths) < 0.4
    quarter_ms = 91 * DAY_MS
    assert {(NOW_MS - truth.at_ms) // quarter_ms for truth in changes} >= {0, 1, 2, 3}


def test_jira_ids_grow_with_time_and_have_gaps():
    ids = [row["id"] for row in reversed(rows(JIRA_AUDIT))]
    assert all(one < other for one, other in pairwise(ids))
    assert any(other - one > 1 for one, other in pairwise(ids))


def test_optional_jira_fields_are_really_absent_at_times():
    found = rows(JIRA_AUDIT)
    for name in (
        "authorAccountId",
        "remoteAddress",
        "eventSource",
        "description",
        "changedValues",
        "associatedItems",
    ):
        assert 0 < sum(name in row for row in found) < len(found), name
    for row in found:
        assert ("authorKey" in row) == ("authorAccountId" in row)
    groups = [row["objectItem"] for row in found if row["objectItem"]["typeName"] == "GROUP"]
    assert 0 < sum("id" in group for group in groups) < len(groups) / 2


def test_service_desk_records_are_project_records_with_an_empty_event_source():
    desks = [row for row in rows(JIRA_AUDIT) if row["summary"].startswith("Request type")]
    assert desks
    assert {row["category"] for row in desks} == {"projects"}
    assert {row.get("eventSource", "") for row in desks} == {""}


def test_confluence_rows_have_no_id_and_system_authors_no_account():
    found = rows(CONFLUENCE_AUDIT)
    assert not any("id" in row for row in found)
    system = [row for row in found if row["author"]["displayName"] == "System"]
    assert system
    assert not any("accountId" in row["author"] for row in system)


def test_names_in_other_scripts_and_mail_addresses_occur():
    for source in SOURCES:
        text = json.dumps(rows(source), ensure_ascii=False)
        assert "@acme.example" in text
        assert re.search(r"[\u0400-\u04ff]|[\u3040-\u30ff\u4e00-\u9fff]|[\u0600-\u06ff]", text)


def test_all_addresses_are_from_documentation_ranges():
    ranges = [
        ip_network(net) for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
    ]
    for source in SOURCES:
        for address in {row.get("remoteAddress") for row in rows(source)} - {None, ""}:
            assert any(ip_address(address) in net for net in ranges)


def test_the_leaver_does_nothing_after_leaving():
    sim = simulator()
    (leaver,) = sim.site.world.people.with_role("deactivated")
    acts = [
        truth.at_ms
        for truth in sim.truth(JIRA_AUDIT)
        if truth.row.get("authorAccountId") == leaver.account_id
    ]
    assert acts
    assert max(acts) < leaver.left_at_ms


def test_the_contractor_changes_permissions_in_the_last_quarter():
    sim = simulator()
    (contractor,) = sim.site.world.people.with_role("contractor")
    recent = sim.truth(JIRA_AUDIT, NOW_MS - 91 * DAY_MS)
    acts = [truth.row for truth in recent if truth.row.get("authorAccountId") == contractor.account_id]
    assert any(PERMISSIONS.search(row["summary"]) for row in acts)


def test_a_page_in_the_middle_of_a_million_rows_makes_only_its_own_rows():
    sim = simulator(size=1_000_000)
    feed = sim.site.feed(JIRA_AUDIT)
    assert feed.count(None, None, NOW_MS) == 600_000
    half_ms = NOW_MS - 180 * DAY_MS
    slots = feed.page(half_ms - 30 * DAY_MS, half_ms, NOW_MS, 20_000, 100)
    made = [sim.site.row(JIRA_AUDIT, slot) for slot in slots]
    assert sim.site.rows_made == len(made) == 100
    assert all(slot.at_ms <= half_ms for slot in slots)
    assert datetime.fromisoformat(made[0]["created"]) <= datetime.fromtimestamp(half_ms / 1000, UTC)
