"""How many events a made-up site must lead to at the first look, counted by the site itself.

The site's truth lists every record that was ever shown. What was overwritten or taken back before anybody
looked cannot be known, and what is only found by comparing two looks makes no event at the first.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.model.time import SECOND_MS, parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlaslens_forwarder.simulator.server import Simulator
    from atlaslens_forwarder.simulator.site import TruthRow


def expected_events(simulator: Simulator, source: str, oldest_ms: int) -> int:
    """Events of a source that a first sync can make of a site, those older than ``oldest_ms`` left out."""
    count = _COUNTS.get(source)
    return 0 if count is None else count(simulator, oldest_ms)


def _feed(source: str) -> Callable[[Simulator, int], int]:
    return lambda simulator, oldest_ms: sum(row.at_ms >= oldest_ms for row in simulator.truth(source))


def _issues(simulator: Simulator, _oldest_ms: int) -> int:
    created = sum(row.row["action"] == "created" and _is_shown(row) for row in simulator.truth("jira-issues"))
    changed = sum(_is_shown(row) for row in simulator.truth("jira-changes"))
    return created + changed + _notes(simulator.truth("jira-comments"))


def _worklogs(simulator: Simulator, _oldest_ms: int) -> int:
    rows = list(simulator.truth("jira-worklogs"))
    return _notes(rows) + sum(row.row["action"] == "deleted" for row in rows)


def _notes(rows: Iterable[TruthRow]) -> int:
    """Comments or worklogs: of each that is there its first version, and its last if it was edited."""
    versions: dict[str, list[TruthRow]] = defaultdict(list)
    for row in rows:
        if row.row["action"] in {"added", "edited"}:
            versions[row.key.partition(":")[0]].append(row)
    return sum(min(len(each), 2) for each in versions.values() if any(map(_is_shown, each)))


def _breaches(simulator: Simulator, _oldest_ms: int) -> int:
    return sum(
        _is_shown(row) and row.row["found_at_ms"] is not None for row in simulator.truth("jsm-breaches")
    )


def _content(simulator: Simulator, _oldest_ms: int) -> int:
    versions = [row for row in simulator.truth("confluence-content") if _is_shown(row)]
    there = {row.row["id"] for row in versions}
    resolved = {
        row.row["id"] for row in simulator.truth("confluence-turns") if row.row["action"] == "resolution"
    }
    return len(versions) + len(resolved & there)


def _commits(simulator: Simulator, oldest_ms: int) -> int:
    return sum(_is_shown(row) and row.at_ms >= oldest_ms for row in simulator.truth("bitbucket-commits"))


def _pull_requests(simulator: Simulator, _oldest_ms: int) -> int:
    """Openings, ends, and of the activity what these do not tell already."""
    ends = sum(_is_shown(row) for row in simulator.truth("bitbucket-pullrequests"))
    return ends + sum(_is_further(row) for row in simulator.truth("bitbucket-activity"))


def _is_further(row: TruthRow) -> bool:
    facts: Any = row.row
    deed = facts["action"]
    if deed == "update" and (row.key.endswith(":1") or "status" in facts["changes"]):
        return False
    if deed == "comment-edited" and row.at_ms - parse_iso_ms(facts["created_at"]) < SECOND_MS:
        return False  # Bitbucket itself touches a comment that soon
    return deed == "comment" or _is_shown(row)


def _is_shown(row: TruthRow) -> bool:
    return row.row["gone_at_ms"] is None


_COUNTS: dict[str, Callable[[Simulator, int], int]] = {
    "jira-audit": _feed("jira-audit"),
    "confluence-audit": _feed("confluence-audit"),
    "jira-issues": _issues,
    "jira-worklogs": _worklogs,
    "jsm-sla": _breaches,
    "confluence-content": _content,
    "bitbucket-commits": _commits,
    "bitbucket-pullrequests": _pull_requests,
    "org-events": _feed("org-events"),
}
"""Sources that only compare what they see with what they saw are not here: their first look is a baseline."""
