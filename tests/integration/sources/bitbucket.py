"""What the tests of Bitbucket's sources share: rigs, orders, and facts of the store and of the truth."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.model.time import SECOND_MS, parse_iso_ms
from atlaslens_forwarder.simulator import FaultPlan
from tests.integration.rig import bitbucket_settings

if TYPE_CHECKING:
    from tests.integration.rig import Rig, Rigs

COMMITS = "bitbucket-commits"
PULLS = "bitbucket-pullrequests"
ACTIVITY = "bitbucket-activity"
EVERYTHING = replace(
    FaultPlan.everything(),
    bucket_size=100_000,
    bitbucket_requests_per_h=100_000,
    page_limit=20,
    throttle_zero=0.01,
    unavailable=0.01,
    failures_in_a_row=1,
)
"""Every fault, but few of those that cost a second of waiting each."""
CALM = FaultPlan(bucket_size=100_000, bitbucket_requests_per_h=100_000)
_REVIEWS = {
    "pull_request_updated": "update",
    "pull_request_approved": "approval",
    "pull_request_changes_requested": "changes_requested",
    "pull_request_comment_added": "comment",
    "pull_request_comment_edited": "comment-edited",
    "pull_request_comment_deleted": "comment-deleted",
}


async def open_rig(rigs: Rigs, name: str, *sources: str, plan: FaultPlan = CALM, **world: Any) -> Rig:
    """A rig of two workspaces whose Bitbucket is read."""
    options = {"repositories": 5, "size": 10, "span_days": 200, "plan": plan} | world
    return await rigs.open(
        name,
        site_changes=lambda simulator: {
            "sources": sources,
            "bitbucket": bitbucket_settings(simulator, name, f"{name}-labs"),
        },
        **options,
    )


def order(rig: Rig, do: str, **fields: Any) -> Any:
    """Something happens in Bitbucket, now."""
    part = next(part for part in rig.simulator.site.parts if COMMITS in part.truths)
    return part.orders["bitbucket"]({"do": do, **fields})


def set_bitbucket(rig: Rig, **changes: Any) -> None:
    """Other settings of the site's Bitbucket."""
    site = rig.settings.sites[rig.site]
    bitbucket = site.bitbucket.model_copy(update=changes)
    rig.settings.sites[rig.site] = site.model_copy(update={"bitbucket": bitbucket})


async def when_asked(rig: Rig, path: str) -> None:
    """Return when a path with this in it has been asked for."""
    while not any(path in str(one["path"]) for one in rig.simulator.requests):  # noqa: ASYNC110
        await asyncio.sleep(0)


def repositories(rig: Rig) -> list[str]:
    """``workspace/slug`` of all living repositories."""
    part = next(part for part in rig.simulator.site.parts if COMMITS in part.truths)
    return [one.full_name for home in part.forge.workspaces for one in home.living()]


async def code_events(rig: Rig, kind: str) -> list[dict[str, Any]]:
    """The stored events of a kind, dated or not."""
    docs = await rig.docs("activity")
    return [doc for doc in docs if doc["event"]["dataset"].startswith(f"atlassian.bitbucket_{kind}")]


def commit_truth(rig: Rig, *, gone: bool) -> Counter[tuple[Any, ...]]:
    """Every commit there is, with ``gone`` also those out of reach by now."""
    return Counter(
        (
            f"{row.row['repository_uuid']}:{row.row['hash']}",
            row.at_ms,
            row.row["author_id"],
            row.row["committer_id"],
            tuple(row.row["parents"]),
        )
        for row in rig.simulator.truth(COMMITS)
        if gone or row.row["gone_at_ms"] is None
    )


async def commits_stored(rig: Rig) -> Counter[tuple[Any, ...]]:
    """The stored commits in the same form."""
    return Counter(
        (
            f"{doc['atlassian']['object']['container_id']}:{doc['atlassian']['commit']['hash']}",
            parse_iso_ms(doc["@timestamp"]),
            doc.get("user", {}).get("id"),
            doc["atlassian"].get("committer", {}).get("id"),
            tuple(doc["atlassian"]["commit"].get("parents", ())),
        )
        for doc in await code_events(rig, "commit")
    )


def pull_truth(rig: Rig, until_ms: int, *, gone: bool) -> Counter[tuple[Any, ...]]:
    """Every deed on pull requests up to a moment: openings, ends and what the activity tells besides.

    An opening and an end are told by an update too, which is the same deed. What is edited within a second
    is not told from what Bitbucket does itself. Who deleted a comment is not told.
    """
    found: Counter[tuple[Any, ...]] = Counter()
    for row in rig.simulator.truth(PULLS):
        if row.at_ms <= until_ms and (gone or row.row["gone_at_ms"] is None):
            found[_pull_key(row, f"pull_request_{row.row['action']}", row.row["actor"])] += 1
    names = {deed: name for name, deed in _REVIEWS.items()}
    first: dict[tuple[str, int], int] = {}
    rows = sorted(rig.simulator.truth(ACTIVITY), key=lambda row: int(row.key.split(":")[2]))
    for row in rows:
        deed, pull = row.row["action"], (row.row["repository_uuid"], row.row["pull_request_id"])
        is_first = deed == "update" and first.setdefault(pull, row.at_ms) and row.key.endswith(":1")
        if row.at_ms > until_ms or is_first or (deed == "update" and "status" in row.row["changes"]):
            continue
        took_ms = row.at_ms - parse_iso_ms(row.row.get("created_at", row.row["at"]))
        if deed == "comment-edited" and took_ms < SECOND_MS:
            continue
        is_shown = gone or row.row["gone_at_ms"] is None or deed == "comment"
        if is_shown and (gone or not _is_repository_gone(rig, pull[0])):
            actor = None if deed == "comment-deleted" else row.row["actor"]
            found[_pull_key(row, names[deed], actor)] += 1
    return found


def _is_repository_gone(rig: Rig, uuid: str) -> bool:
    part = next(part for part in rig.simulator.site.parts if COMMITS in part.truths)
    living = {one.uuid for home in part.forge.workspaces for one in home.living()}
    return uuid not in living


def _pull_key(row: Any, action: str, actor: str | None) -> tuple[Any, ...]:
    item = f"{row.row['repository_uuid']}:{row.row.get('pull_request_id')}"
    return (item, row.at_ms, action, actor)


async def pulls_stored(rig: Rig) -> Counter[tuple[Any, ...]]:
    """The stored deeds on pull requests in the same form."""
    return Counter(
        (
            doc["atlassian"]["work_item"]["id"],
            parse_iso_ms(doc["@timestamp"]),
            doc["event"]["action"],
            doc.get("user", {}).get("id"),
        )
        for doc in await code_events(rig, "pull_request")
    )


def assert_between(
    least: Counter[tuple[Any, ...]], stored: Counter[tuple[Any, ...]], most: Counter[tuple[Any, ...]]
) -> None:
    """Everything that is there is stored, and nothing that never was."""
    missing, surplus = least - stored, stored - most
    assert not missing, f"{missing.total()} missing, such as {next(iter(missing))}"
    assert not surplus, f"{surplus.total()} too many, such as {next(iter(surplus))}"
    assert stored, "nothing is stored, which proves nothing"


def assert_clean(*rounds: dict[str, Any]) -> None:
    """No failure and no conflict in any round."""
    for report in (report for reports in rounds for report in reports.values()):
        assert report.error is None, report.error
        assert report.tally.conflict == 0
        assert report.tally.quarantined == 0
        assert report.conserved
