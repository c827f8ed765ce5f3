"""What the store must hold of Jira's work, and what it may, according to the simulator's truth.

Comparable facts of a deed: its name, time, action, actor, kind and id of its object, id of its issue.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.model.time import parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from tests.integration.rig import Rig

Facts = tuple[Any, ...]
_ACTIONS = {
    "security": "issue_security_changed",
    "project": "issue_moved",
    "Key": "issue_moved",
    "status": "issue_transitioned",
}


def truth_of(rig: Rig, names: Iterable[str]) -> dict[str, tuple[Any, Facts]]:
    """Every deed that was ever shown, by the event's id: the row of the truth and its facts."""
    cloud_id = rig.simulator.cloud_id
    found = {}
    for name in names:
        for row in rig.simulator.truth(name):
            made = _MAKERS[name](row)
            if made is not None:
                kind, rest, facts = made
                found[f"jira:{kind}:{cloud_id}:{rest}"] = (row, facts)
    return found


async def stored_of(rig: Rig, *datasets: str) -> dict[str, Facts]:
    """What the store holds, by the event's id."""
    docs = [
        doc
        for doc in await rig.docs("activity")
        if doc["event"]["dataset"].removeprefix("atlassian.jira_") in datasets
    ]
    stored = {doc["event"]["id"]: facts_of(doc) for doc in docs}
    assert len(stored) == len(docs), "an event is stored in two months"
    return stored


def facts_of(doc: dict[str, Any]) -> Facts:
    """The comparable facts of a stored event."""
    thing = doc["atlassian"]["object"]
    return (
        parse_iso_ms(doc["@timestamp"]),
        doc["event"]["action"],
        doc.get("user", {}).get("id"),
        thing["type"],
        thing["id"],
        doc["atlassian"].get("work_item", {}).get("id"),
    )


def compare(
    truth: dict[str, tuple[Any, Facts]], stored: dict[str, Facts], is_due: Callable[[str, Any], bool]
) -> None:
    """Nothing is stored that is not true, and nothing is missing that is due.

    A deleted comment is known by its absence: its time is that of the last touch of its issue.
    """
    made_up = stored.keys() - truth.keys()
    assert not made_up, f"{len(made_up)} made up, such as {min(made_up)}"
    for name, facts in stored.items():
        true = truth[name][1]
        if truth[name][0].row["seen_by"] == "absence":
            assert facts[0] >= true[0]
            assert facts[1:] == true[1:]
        else:
            assert facts == true
    missing = [name for name, (row, _) in truth.items() if name not in stored and is_due(name, row)]
    assert not missing, f"{len(missing)} missing, such as {truth[min(missing)]}"


def _issue(row: Any) -> tuple[str, str, Facts] | None:
    if row.row["action"] == "deleted":
        return None  # the audit log tells that
    issue_id = row.row["issue_id"]
    facts = (row.at_ms, "issue_created", row.row["actor"], "issue", issue_id, issue_id)
    return "issue", row.key, facts


def _change(row: Any) -> tuple[str, str, Facts]:
    items = {item["field"]: item for item in row.row["served"]["items"]}
    action = next((_ACTIONS[field] for field in _ACTIONS if field in items), "issue_updated")
    if action == "issue_updated" and "assignee" in items:
        action = "issue_assigned" if items["assignee"]["to"] else "issue_unassigned"
    issue_id = row.row["issue_id"]
    return "change", row.key, (row.at_ms, action, row.row["actor"], "issue", issue_id, issue_id)


def _note(kind: str) -> Callable[[Any], tuple[str, str, Facts]]:
    def make(row: Any) -> tuple[str, str, Facts]:
        issue_id = row.row["issue_id"] if kind == "comment" or row.row["action"] != "deleted" else None
        actor = row.row["actor"] if row.row["actor_shown"] else None
        note_id = row.key.partition(":")[0]
        return kind, row.key, (row.at_ms, f"{kind}_{row.row['action']}", actor, kind, note_id, issue_id)

    return make


_MAKERS: dict[str, Callable[[Any], tuple[str, str, Facts] | None]] = {
    "jira-issues": _issue,
    "jira-changes": _change,
    "jira-comments": _note("comment"),
    "jira-worklogs": _note("worklog"),
}
