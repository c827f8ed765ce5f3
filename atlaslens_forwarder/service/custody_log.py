"""What is recorded in the custody log, one function per kind of deed, and the check of the whole log.

Bodies hold ids, names of indices, counts and digests; never an address, a secret or the content of an event.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Mapping, Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.custody import Custody

EXPORTED: Final = "exported"
VERIFIED: Final = "verified"
KEYS_CHANGED: Final = "keys_changed"
REPLAYED: Final = "quarantine_replayed"
MONTHS_DELETED: Final = "months_deleted"
MONTHS_MISSING: Final = "months_missing"
SET_UP: Final = "set_up"
HOLD_ADDED: Final = "hold_added"
HOLD_REMOVED: Final = "hold_removed"
REVEALED: Final = "person_revealed"
FORGOTTEN: Final = "person_forgotten"
REAPPLIED: Final = "people_forgotten_again"
ACTIONS: Final = (
    EXPORTED, VERIFIED, KEYS_CHANGED, REPLAYED, MONTHS_DELETED, MONTHS_MISSING, SET_UP, HOLD_ADDED,
    HOLD_REMOVED, REVEALED, FORGOTTEN, REAPPLIED,
)  # fmt: skip


async def record_export(
    custody: Custody, *, name: str, count: int, manifest_sha256: str, wanted: JsonObject
) -> int:
    """Events left the store: to which file (its name only), by which filter, how many; the row's number.

    Raises:
        StoreError: it is not stored; so for every function here.
    """
    body: JsonObject = {"file": name, "filter": wanted}
    return await custody.record(EXPORTED, body=body, count=count, sha256=manifest_sha256)


async def record_verification(
    custody: Custody, *, name: str, manifest_sha256: str, failed: Sequence[str]
) -> int:
    """Evidence was compared with the store; ``failed`` names the checks whose answer was no."""
    outcome = "failure" if failed else "success"
    body: JsonObject = {"file": name, "failed": [*failed]}
    return await custody.record(VERIFIED, body=body, sha256=manifest_sha256, outcome=outcome)


async def record_keys(custody: Custody, added: Mapping[str, Sequence[str]]) -> int:
    """Keys came into use: their ids by what they are for."""
    body: JsonObject = {"added": {use: [*ids] for use, ids in added.items()}}
    return await custody.record(KEYS_CHANGED, body=body)


async def record_replay(custody: Custody, outcomes: Mapping[str, int]) -> int:
    """Quarantined rows were tried again: how many ended how."""
    return await custody.record(REPLAYED, body={"outcomes": {**outcomes}}, count=sum(outcomes.values()))


async def record_months_deleted(custody: Custody, months: Sequence[str], *, by: str) -> int:
    """Months went after their retention; ``by`` is ``forwarder`` or ``ism``."""
    return await custody.record(MONTHS_DELETED, body={"months": [*months], "by": by}, count=len(months))


async def record_months_missing(custody: Custody, months: Sequence[str]) -> int:
    """Months are gone that had not expired, or were held: nobody may have deleted them."""
    body: JsonObject = {"months": [*months]}
    return await custody.record(MONTHS_MISSING, body=body, count=len(months), outcome="failure")


async def record_set_up(custody: Custody, changed: Sequence[str], *, append_only: bool) -> int:
    """The set-up of the store was changed: which objects, and whether it keeps evidence append-only."""
    body: JsonObject = {"changed": [*changed], "append_only": append_only}
    return await custody.record(SET_UP, body=body, count=len(changed))


def body_of(row: JsonObject) -> dict[str, Any]:
    """What a row says beyond its columns; empty where it has no such form."""
    match row:
        case {"custody": {"body": str(text)}}:
            try:
                body = json.loads(text)
            except ValueError:
                return {}
            return body if isinstance(body, dict) else {}
    return {}


@dataclass(frozen=True, slots=True)
class CustodyCheck:
    """The answer about the whole log: how many rows are right, and the first that is not (or nothing).

    ``last_hash`` is ``event.hash`` of the last right row: who keeps it elsewhere sees rows that were cut off.
    """

    rows: int
    last_hash: str = ""
    fault: str = ""


async def check_log(
    rows: AsyncIterable[tuple[str, JsonObject]], origin: Callable[[JsonObject], bool | None]
) -> CustodyCheck:
    """Check ids and rows in the order of their numbers, up to the first that is wrong.

    Numbers must be gapless from 1 and equal the id, each row must carry the hash of the one before,
    and its own origin hash must be right.
    """
    count, last_hash = 0, ""
    async for doc_id, row in rows:
        number = count + 1
        custody, event = _part(row, "custody"), _part(row, "event")
        found = custody.get("number")
        fault = ""
        if found != number:
            fault = f"row {number} is missing" if isinstance(found, int) else f"{doc_id} has no number"
            if isinstance(found, int) and found < number:
                fault = f"row {found} is there twice"
        elif doc_id != f"{number:012d}":
            fault = f"row {number} has the id of another ({doc_id})"
        elif (matches := origin(row)) is not True:
            fault = f"row {number} was not written by us, or was altered: its origin hash is wrong"
            if matches is None:
                fault = f"row {number} cannot be checked: the key of its origin hash is not in the key file"
        elif custody.get("previous_hash", "") != last_hash:
            fault = f"row {number} does not follow row {count}: it carries the hash of another row"
        if fault:
            return CustodyCheck(count, last_hash, fault)
        count, last_hash = number, str(event.get("hash", ""))
    return CustodyCheck(count, last_hash)


def _part(row: JsonObject, name: str) -> JsonObject:
    part = row.get(name)
    return part if isinstance(part, dict) else {}
