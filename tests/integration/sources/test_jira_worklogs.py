"""The store holds all work that was logged, edited and taken back, as far as it could be seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.simulator import FaultPlan
from atlaslens_forwarder.simulator.apis.jira_work.orders import change_work
from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
from tests.integration.sources.jira_truth import compare, stored_of, truth_of

SOURCE = "jira-worklogs"
WORKLOGS = {"size": 20, "site_changes": {"sources": (SOURCE,)}}
RARE = dict.fromkeys(("throttle", "throttle_bare", "throttle_zero", "throttle_html", "unavailable"), 0.01)
EVERYTHING = replace(
    FaultPlan.everything(), bucket_size=100_000, arriving_rows=0, arriving_late_rows=0, page_limit=9, **RARE
)


def order(rig, **body: Any) -> Any:
    return change_work(rig.simulator.site.part(JiraPart), body)


async def sync(rig) -> Any:
    report = rig.report(await rig.sync(), SOURCE)
    assert report.error is None
    assert report.conserved
    assert report.tally.conflict == report.tally.quarantined == 0
    return report


async def assert_equals_truth(rig, looks_ms: list[int]) -> None:
    def is_due(_: str, row: Any) -> bool:
        found_ms, gone_ms = row.row["found_at_ms"], row.row["gone_at_ms"]
        # A round reads up to two minutes before it, and is served what is there now.
        return any(
            found_ms + MINUTE_MS <= look_ms and (gone_ms is None or look_ms < gone_ms) for look_ms in looks_ms
        )

    stored = await stored_of(rig, "worklog")
    compare(truth_of(rig, [SOURCE]), stored, is_due)
    assert {facts[1] for facts in stored.values()} == {"worklog_added", "worklog_edited", "worklog_deleted"}


async def test_worklogs_are_followed_through_every_fault(rigs):
    rig = await rigs.open("logged", issues=120, plan=EVERYTHING, **WORKLOGS)
    looks_ms = [rig.clock()]
    await sync(rig)
    for number, step in enumerate(({"minutes": 2}, {"minutes": 30}, {"hours": 26})):
        for half in range(2):
            order(rig, do="random", count=60, seed=10 * number + half)
            rig.clock.forward(minutes=1)
        rig.clock.forward(**step)
        looks_ms.append(rig.clock())
        await sync(rig)

    await assert_equals_truth(rig, looks_ms)


async def test_what_was_logged_at_first_is_kept_when_it_is_edited(rigs):
    rig = await rigs.open("relogged", issues=3, **WORKLOGS)
    issue = order(rig, do="create")["issue_id"]
    seen, unseen = (order(rig, do="log-work", issue=issue, seconds=1800)["worklog_id"] for _ in range(2))
    rig.clock.forward(minutes=1)
    order(rig, do="edit-worklog", worklog=unseen, seconds=3600)
    rig.clock.forward(minutes=5)
    await sync(rig)
    order(rig, do="edit-worklog", worklog=seen, seconds=5400)
    rig.clock.forward(minutes=5)
    await sync(rig)
    rig.clock.forward(days=2)  # all is read once more

    assert (await sync(rig)).tally.stored == 0
    spent = {
        (doc["atlassian"]["object"]["id"], doc["event"]["action"]): doc["atlassian"].get("time_spent_s")
        for doc in await rig.docs("activity")
    }
    assert spent[seen, "worklog_added"] == 1800
    assert spent[seen, "worklog_edited"] == 5400
    assert spent[unseen, "worklog_added"] is None  # nobody saw it
    assert spent[unseen, "worklog_edited"] == 3600


async def test_an_unchanged_world_stores_nothing(rigs):
    rig = await rigs.open("relaxed", issues=40, **WORKLOGS)
    await sync(rig)
    rig.clock.forward(minutes=5)

    report = await sync(rig)

    assert report.tally.stored == 0
    assert report.tally.rows <= 4
