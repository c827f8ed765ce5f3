"""Confluence audit records, each made from its place in the feed alone.

Field names and forms follow ``GET /wiki/rest/api/audit`` of the Confluence Cloud REST API v1 and records
published by connectors of other vendors: no id, groups as ``name:uuid``, affected users by display name
only, system events whose author has neither account id nor user key.
"""

from __future__ import annotations

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.world.chance import Chance
from atlaslens_forwarder.simulator.world.confluence_kinds import KINDS
from atlaslens_forwarder.simulator.world.world import Scene

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.world.feed import Slot
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.world import World

_STEPS: Final = tuple(accumulate(kind.weight for kind in KINDS))
_SYSTEM_ADDRESS: Final = ""


def _author(world: World, person: Person | None) -> JsonObject:
    if person is None:
        return {
            "type": "user",
            "displayName": "System",
            "operations": None,
            "isExternalCollaborator": False,
            "accountType": "",
            "publicName": "Unknown user",
            "externalCollaborator": False,
        }
    naming = world.names.of(person)
    return {
        "type": "user",
        "displayName": naming.display_name,
        "operations": None,
        "isExternalCollaborator": naming.is_external,
        "username": "",
        "userKey": person.user_key.removeprefix("ug:").replace("-", ""),
        "accountId": person.account_id,
        "accountType": naming.account_type,
        "publicName": naming.public_name,
        "externalCollaborator": naming.is_external,
    }


def write_record(world: World, seed: int, slot: Slot) -> JsonObject:
    """The record as served at this moment: the author's names are today's, all else is as written."""
    chance = Chance(seed, slot.content)
    kind = KINDS[bisect_right(_STEPS, chance.below(_STEPS[-1]))]
    scene = Scene(world, slot.at_ms, chance)
    draft = kind.write(scene)
    return {
        "author": _author(world, draft.actor),
        "remoteAddress": _SYSTEM_ADDRESS if draft.actor is None else scene.address(draft.actor),
        "creationDate": slot.at_ms,
        "summary": kind.summary,
        "description": draft.description,
        "category": kind.category,
        "sysAdmin": False,
        "superAdmin": draft.administers,
        "affectedObject": {"name": draft.name, "objectType": draft.object_type},
        "changedValues": draft.changes,
        "associatedObjects": draft.associated,
    }
