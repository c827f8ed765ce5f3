"""The store holds every issue, change and comment that could be seen, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.pipeline.steps import Step
from atlaslens_forwarder.simulator import FaultPlan
from atlaslens_forwarder.simulator.apis.jira_work.orders import change_work
from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
from tests.integration.sources.jira_truth import compare, stored_of, truth_of

if TYPE_CHECKING:
    from tests.integration.rig import Rig

TRUTHS = ("jira-issues", "jira-changes", "jira-comments")
DATASETS = ("issue", "change", "comment")
RARE = dict.fromkeys(("throttle", "throttle_bare", "throttle_zero", "throttle_html", "unavailable"), 0.005)
EVERYTHING = replace(
    FaultPlan.everything(), bucket_size=100_000, arriving_rows=0, arriving_late_rows=0, slow=0.0, **RARE
)


class Crash(BaseException):
    """What no code of ours catches."""


@dataclass
class World:
    """A rig that reads issues, and the moments at which it looked."""

    rig: Rig
    looks_ms: list[int] = field(default_factory=list)

    async def sync(self) -> Any:
        """One round, which must go well."""
        now_ms = self.rig.clock()
        report = self.rig.report(await self.rig.sync(), "jira-issues")
        assert report.error is None
        assert report.conserved
        assert report.tally.conflict == report.tally.quarantined == 0
        self.looks_ms.append(now_ms)
        return report

    def order(self, **body: Any) -> dict[str, Any]:
        """Something happens, now."""
        return change_work(self.rig.simulator.site.part(JiraPart), body)

    async def assert_equals_truth(self) -> None:
        """Record by record."""
        stored = await stored_of(self.rig, *DATASETS)
        known = {name.rsplit(":", 1)[0] for name in stored}

        def is_due(name: str, row: Any) -> bool:
            found_ms, gone_ms = row.row["found_at_ms"], row.row["gone_at_ms"]
            if row.row["seen_by"] == "absence" and name.rsplit(":", 1)[0] not in known:
                return False  # nobody saw the comment, so nobody can miss it
            # What happens while a round reads has the time of that round: it need not have met it.
            return found_ms is not None and any(
                found_ms < look_ms and (gone_ms is None or look_ms < gone_ms) for look_ms in self.looks_ms
            )

        compare(truth_of(self.rig, TRUTHS), stored, is_due)
        assert stored


@pytest.fixture
async def world(rigs):
    """Opens worlds of issues."""

    async def open_world(name: str, **options: Any) -> World:
        options = {"size": 20, "site_changes": {"sources": ("jira-issues",)}} | options
        return World(await rigs.open(name, **options))

    return open_world


async def test_a_full_sync_through_every_fault_stores_every_deed_once(world):
    one = await world("work-faults", issues=120, plan=EVERYTHING)

    await one.sync()
    one.rig.simulator.site.set_faults(replace(EVERYTHING, arriving_changes=0))
    one.rig.clock.forward(hours=11)
    await one.sync()

    await one.assert_equals_truth()


async def test_a_moving_world_is_followed_round_by_round(world):
    plan = replace(EVERYTHING, bulk_times="iso", page_limit=9)
    one = await world("work-moving", issues=40, plan=plan)
    await one.sync()
    for number, step in enumerate(
        ({"minutes": 1}, {"minutes": 7}, {"hours": 3}, {"minutes": 2}, {"hours": 30}, {"minutes": 40})
    ):
        one.order(do="random", count=12, seed=number)
        one.rig.clock.forward(minutes=1)
        one.order(do="random", count=6, seed=100 + number)
        one.rig.clock.forward(**step)
        await one.sync()
    one.rig.simulator.site.set_faults(replace(plan, arriving_changes=0))
    for _ in range(2):
        one.rig.clock.forward(hours=6)
        await one.sync()

    await one.assert_equals_truth()


async def test_an_unchanged_world_stores_nothing_and_is_asked_for_the_overlap_only(world):
    one = await world("work-unchanged", issues=40)
    await one.sync()
    one.rig.clock.forward(minutes=5)
    before = len(one.rig.simulator.requests)

    report = await one.sync()

    assert report.tally.stored == 0
    asked = [r for r in one.rig.simulator.requests[before:] if r["path"].endswith("search/jql")]
    assert len(asked) <= 2
    assert report.tally.rows <= 40


async def test_a_late_index_row_is_found_by_the_hourly_re_reading(world):
    one = await world("work-late", issues=5)
    await one.sync()
    issue = one.order(do="create", lag_s=9 * 3600)["issue_id"]
    for _ in range(8):
        one.rig.clock.forward(hours=1)
        assert (await one.sync()).tally.stored == 0
    one.rig.clock.forward(hours=2)

    report = await one.sync()

    assert report.tally.stored == report.tally.late == 1
    assert issue in {facts[4] for facts in (await stored_of(one.rig, "issue")).values()}


async def test_a_stale_row_of_the_index_hides_none_behind_it(world):
    one = await world("work-stale", issues=40, page_limit=1, span_days=300)
    living = one.rig.simulator.site.part(JiraPart).work.living()
    for issue in living[::2]:
        one.order(do="change", issue=issue.id, field="summary", value="Renamed", lag_s=9 * 3600)
    one.rig.clock.forward(minutes=2)

    await one.sync()

    await one.assert_equals_truth()
    created = await stored_of(one.rig, "issue")
    assert len(created) == len(living)


async def test_an_issue_that_is_touched_all_the_time_is_not_put_off_for_ever(world):
    one = await world("work-busy", issues=3)
    await one.sync()
    issue = one.order(do="create")["issue_id"]
    for _ in range(4):
        one.rig.clock.forward(minutes=1)
        one.order(do="comment", issue=issue)
        await one.sync()

    await one.assert_equals_truth()
    assert issue in {facts[4] for facts in (await stored_of(one.rig, "issue")).values()}


async def test_a_moved_issue_and_renamed_people_keep_their_events(world):
    one = await world("work-moved", issues=10)
    issue = one.order(do="create", project="PAY")["issue_id"]
    comment = one.order(do="comment", issue=issue)["comment_id"]
    one.rig.clock.forward(minutes=3)
    await one.sync()
    desk = next(p for p in one.rig.simulator.site.world.places.projects if p.kind == "service_desk")
    one.order(do="move", issue=issue, project=desk.key)
    part = one.rig.simulator.site.part(JiraPart)
    for person in part.site.world.people.everyone()[:20]:
        part.close(person)
    one.rig.clock.forward(hours=1)

    report = await one.sync()

    assert report.tally.stored == 1  # the move
    await one.assert_equals_truth()
    docs = [doc for doc in await one.rig.docs("activity") if doc["atlassian"]["work_item"]["id"] == issue]
    by_action = {doc["event"]["action"]: doc["atlassian"] for doc in docs}
    assert by_action["issue_created"]["product"] == "jira"
    assert by_action["issue_moved"]["product"] == "jsm"
    assert by_action["comment_added"]["object"]["id"] == comment


async def test_a_deleted_comment_is_told_once_whenever_it_is_met_again(world):
    one = await world("work-deleted", issues=5)
    issue = one.order(do="create")["issue_id"]
    comment = one.order(do="comment", issue=issue)["comment_id"]
    kept = one.order(do="comment", issue=issue)["comment_id"]
    one.rig.clock.forward(minutes=2)
    await one.sync()
    deleted_ms = one.order(do="delete-comment", comment=comment)["deleted_ms"]
    one.rig.clock.forward(minutes=2)
    assert (await one.sync()).tally.stored == 1
    one.order(do="comment", issue=issue)
    one.rig.clock.forward(minutes=70)
    assert (await one.sync()).tally.stored == 1

    await one.assert_equals_truth()
    deleted = [doc for doc in await one.rig.docs("activity") if doc["event"]["action"] == "comment_deleted"]
    (doc,) = deleted
    assert doc["atlassian"]["derived"] is True
    assert "user" not in doc
    assert doc["atlassian"]["object"]["id"] == comment != kept
    assert parse_iso_ms(doc["@timestamp"]) == deleted_ms


async def test_what_is_hidden_or_deleted_with_its_issue_is_not_called_deleted(world):
    one = await world("work-hidden", issues=5)
    hidden, gone = (one.order(do="create")["issue_id"] for _ in range(2))
    for issue in (hidden, gone):
        one.order(do="comment", issue=issue)
    one.rig.clock.forward(minutes=2)
    await one.sync()
    one.order(do="restrict", issue=hidden)
    one.order(do="delete", issue=gone)
    one.rig.clock.forward(minutes=70)
    assert (await one.sync()).tally.stored == 0
    one.order(do="unrestrict", issue=hidden)
    one.rig.clock.forward(minutes=2)

    assert (await one.sync()).tally.stored == 2  # both changes of the security level

    await one.assert_equals_truth()
    level = [d for d in await one.rig.docs("activity") if d["event"]["action"] == "issue_security_changed"]
    assert [doc["atlassian"]["permission_change"] for doc in level] == [True, True]


@pytest.mark.parametrize(
    ("faults", "status"),
    [
        ({"silent_anonymous": True}, "expired"),
        ({"expired_token": True}, "expired"),
        ({"missing_rights": ("work",)}, "no-permission"),
    ],
)
async def test_an_empty_answer_is_not_taken_for_an_idle_site(world, faults, status):
    one = await world(f"work-{'-'.join(faults)}".replace("_", "-"), issues=5, **faults)

    report = one.rig.report(await one.rig.sync(), "jira-issues")

    assert report.status.value == status
    assert not (await one.rig.cursor("jira-issues")).covered


@pytest.mark.parametrize("step", [Step.NORMALISED, Step.STORED, Step.PAGES_DONE])
async def test_a_crash_around_a_deletion_neither_loses_nor_doubles_it(world, step):
    one = await world(f"work-crash-{step.value}".replace("_", "-"), issues=2)
    issue = one.order(do="create")["issue_id"]
    comment = one.order(do="comment", issue=issue)["comment_id"]
    one.rig.clock.forward(minutes=2)
    await one.sync()
    deleted_ms = one.order(do="delete-comment", comment=comment)["deleted_ms"]
    one.rig.clock.forward(minutes=2)

    reached: list[Step] = []

    def crash(at: Step) -> None:
        reached.append(at)
        if (
            at is step and reached.count(Step.FETCHED) == 2
        ):  # the first page is the issue, the second the comments
            raise Crash

    with pytest.raises(Crash):
        await one.rig.sync(on_step=crash)
    one.order(do="comment", issue=issue)  # touched again before we are back
    one.rig.clock.forward(days=40)  # in another month
    await one.sync()

    await one.assert_equals_truth()
    deleted = [d for d in await one.rig.docs("activity") if d["event"]["action"] == "comment_deleted"]
    assert [doc["atlassian"]["object"]["id"] for doc in deleted] == [comment]
    assert parse_iso_ms(deleted[0]["@timestamp"]) >= deleted_ms
