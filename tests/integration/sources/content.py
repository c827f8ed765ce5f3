"""A site with content, what its store must hold, and what must have turned between two looks."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.normalise.confluence_content import OBJECT_TYPES
from atlaslens_forwarder.simulator.apis.confluence_content.part import ContentPart

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.content.items import Item
    from tests.integration.rig import Rig

CONTENT = "confluence-content"
TURNS = "confluence-turns"
ONLY = {"sources": (CONTENT,)}
ALIVE = {"current", "archived"}
STATUS_DEEDS = {("archived", "current"): "unarchived", ("trashed", "current"): "restored"}


def act(rig: Rig, do: str, **fields: Any) -> Any:
    """One order, now."""
    return rig.simulator.site.part(ContentPart).act({"do": do, **fields})


def items(rig: Rig) -> dict[int, Item]:
    """All content there is, as the simulator has it."""
    return rig.simulator.site.part(ContentPart).library.items


async def sync(rig: Rig, **options: Any) -> Any:
    """One round; its report, which must be a good one."""
    report = rig.report(await rig.sync(**options), CONTENT)
    assert report.error is None, report.error.one_line()
    assert report.tally.conflict == 0
    assert report.tally.quarantined == 0
    assert report.conserved
    return report


async def look(rig: Rig) -> Any:
    """Hours later: a look at everything; the report of its round. The next one notes that it is done."""
    rig.clock.forward(hours=7)
    report = await sync(rig)
    rig.clock.forward(minutes=1)
    assert (await sync(rig)).tally.stored == 0
    return report


async def stored(rig: Rig, kind: str) -> list[dict[str, Any]]:
    """The stored events of one kind: ``version``, ``resolution`` or ``turn``."""
    dataset = f"atlassian.confluence_{kind}"
    return [doc for doc in await rig.docs("activity") if doc["event"]["dataset"] == dataset]


async def versions(rig: Rig) -> Counter[tuple[str, ...]]:
    """Stored versions as facts."""
    return Counter(
        (
            doc["event"]["id"].split(":", 3)[3],
            doc["@timestamp"],
            doc["user"]["id"],
            doc["event"]["action"],
            doc["atlassian"]["object"]["id"],
            doc["atlassian"].get("work_item", {}).get("id", ""),
            str(doc["atlassian"]["minor_edit"]),
        )
        for doc in await stored(rig, "version")
    )


def true_versions(rig: Rig, *, present: bool = False) -> Counter[tuple[str, ...]]:
    """Versions of the truth as facts, as far back as events are kept; ``present``: those to be seen now."""
    oldest_ms, newest_ms = rig.clock() - 365 * DAY_MS, rig.clock() - MINUTE_MS
    return Counter(
        (
            truth.key,
            truth.row["at"],
            truth.row["actor"],
            f"{OBJECT_TYPES[truth.row['kind']]}_{truth.row['action']}",
            truth.row["id"],
            truth.row["container_id"] or truth.row["id"],
            str(truth.row["minor_edit"]),
        )
        for truth in rig.simulator.truth(CONTENT)
        if truth.at_ms >= oldest_ms
        and (not present or (truth.row["gone_at_ms"] is None and truth.at_ms <= newest_ms))
    )


async def assert_versions_equal_truth(rig: Rig) -> None:
    """Nothing that can be seen is missing, nothing was made up."""
    found, present = await versions(rig), true_versions(rig, present=True)
    assert present
    assert not (missing := present - found), f"{missing.total()} missing, such as {next(iter(missing))}"
    assert not (more := found - true_versions(rig)), f"{more.total()} too many, such as {next(iter(more))}"


class Looks:
    """What turns must have been derived, kept beside the forwarder from the simulator's own state."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._before: dict[int, tuple[str, str]] = {}
        self._last_ms: int | None = None
        self.expected: Counter[tuple[str, ...]] = Counter()

    def look(self) -> None:
        """The forwarder looks now."""
        now_ms = self._rig.clock()
        for item in items(self._rig).values():
            object_type = OBJECT_TYPES[item.kind.value]
            before = self._before.get(item.id)
            is_new = self._last_ms is not None and item.created_at_ms >= self._last_ms
            if before is None and is_new and not item.kind.is_comment:
                before = ("current", item.space.id)
            if not item.is_listed:
                container = item.container
                is_seen = container is not None and container.is_listed and container.status in ALIVE
                if before is not None and item.status == "deleted" and is_seen:
                    self._tell(object_type, "deleted", item, ("current", "deleted"))
                    del self._before[item.id]
                continue
            now = (item.status.value, item.space.id)
            if before is not None and before[0] != now[0]:
                deed = STATUS_DEEDS.get((before[0], now[0]), now[0])
                self._tell(object_type, deed, item, (before[0], now[0]))
            if before is not None and before[1] != now[1] and not item.kind.is_comment:
                keys = {space.id: space.key for space in self._rig.simulator.site.world.places.spaces}
                self._tell(object_type, "moved", item, (keys[before[1]], keys[now[1]]))
            self._before[item.id] = now
        self._last_ms = now_ms

    def _tell(self, object_type: str, deed: str, item: Item, change: tuple[str, str]) -> None:
        self.expected[f"{object_type}_{deed}", str(item.id), *change, str(self._rig.clock())] += 1

    async def assert_equal(self) -> None:
        """Every turn that could be seen is stored once, at the time of the look, and no other is."""
        found = Counter(
            (
                doc["event"]["action"],
                doc["atlassian"]["object"]["id"],
                doc["atlassian"]["changes"][0]["from"],
                doc["atlassian"]["changes"][0]["to"],
                str(parse_iso_ms(doc["@timestamp"])),
            )
            for doc in await stored(self._rig, "turn")
        )
        assert found == self.expected, (found - self.expected, self.expected - found)
        true = {(truth.row["id"], truth.row["after"]) for truth in self._rig.simulator.truth(TURNS)}
        keys = {space.key: space.id for space in self._rig.simulator.site.world.places.spaces}
        assert {(item_id, keys.get(after, after)) for _, item_id, _, after, _ in found} <= true


async def assert_resolutions_equal_truth(rig: Rig) -> None:
    """The last resolution of every comment that can be seen is stored with who and when."""
    true = {
        (truth.row["id"], truth.row["at"], truth.row["actor"], f"comment_{truth.row['after']}")
        for truth in rig.simulator.truth(TURNS)
        if truth.row["action"] == "resolution"
    }
    found = Counter(
        (doc["atlassian"]["object"]["id"], doc["@timestamp"], doc["user"]["id"], doc["event"]["action"])
        for doc in await stored(rig, "resolution")
    )
    assert set(found) <= true
    assert all(count == 1 for count in found.values())
    last = {
        (item.id, item.resolved_at_ms)
        for item in items(rig).values()
        if item.is_listed and item.resolved_at_ms is not None
    }
    assert last <= {(int(item_id), parse_iso_ms(at)) for item_id, at, _, _ in found}
