"""Jira audit records, each made from its place in the feed alone."""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import from_ms
from atlaslens_forwarder.simulator.world import jira_access, jira_configuration
from atlaslens_forwarder.simulator.world.chance import Chance, label, mix
from atlaslens_forwarder.simulator.world.world import Scene

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.world.feed import Slot
    from atlaslens_forwarder.simulator.world.world import World

KINDS: Final = (*jira_access.KINDS, *jira_configuration.KINDS)
_STEPS: Final = tuple(accumulate(kind.weight for kind in KINDS))
_ID: Final = label("id")
_FIRST_ID: Final = 10000
_ID_STRIDE: Final = 3


def jira_time(at_ms: int) -> str:
    """Jira's form of a time: ``2026-01-24T08:48:05.645+0000``, without a colon in the offset."""
    return from_ms(at_ms).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at_ms % 1000:03d}+0000"


def record_id(seed: int, serial: int) -> int:
    """The record's id: grows with the serial number, with gaps, as real ids do."""
    return _FIRST_ID + serial * _ID_STRIDE + mix(seed, _ID, serial) % _ID_STRIDE


def write_record(world: World, seed: int, slot: Slot) -> JsonObject:
    """The record as served. Optional fields are left out as Jira leaves them out."""
    chance = Chance(seed, slot.content)
    kind = KINDS[bisect_right(_STEPS, chance.below(_STEPS[-1]))]
    scene = Scene(world, slot.at_ms, chance)
    draft = kind.write(scene)
    row: JsonObject = {"id": record_id(seed, slot.serial), "summary": kind.summary}
    if draft.actor is not None:
        # Records written by background jobs name the person but no address.
        if not chance.hit(0.05):
            row["remoteAddress"] = scene.address(draft.actor)
        row["authorKey"] = draft.actor.user_key
        row["authorAccountId"] = draft.actor.account_id
    row["created"] = jira_time(slot.at_ms)
    row["category"] = kind.category
    if not chance.hit(0.03):
        row["eventSource"] = ""
    if draft.description:
        row["description"] = draft.description
    row["objectItem"] = draft.object_item
    if draft.changes:
        row["changedValues"] = draft.changes
    if draft.associated:
        row["associatedItems"] = draft.associated
    return row
