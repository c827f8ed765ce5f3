"""Compares a bundle with what OpenSearch holds now for the same filter, and names the first difference."""

from __future__ import annotations

from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.evidence.bundle import open_bundle, read_small
from atlaslens_forwarder.evidence.checks import Check, failed, not_checked, passed
from atlaslens_forwarder.evidence.content_check import numbered
from atlaslens_forwarder.evidence.fields import event_at_ms, event_id, first_difference, shown_id
from atlaslens_forwarder.evidence.layout import MANIFEST, REDACTION
from atlaslens_forwarder.evidence.manifest import parse_manifest
from atlaslens_forwarder.evidence.reader import frozen_view, index_of, stream_events
from atlaslens_forwarder.evidence.redaction import parse_redaction
from atlaslens_forwarder.evidence.row_reading import Row, read_row
from atlaslens_forwarder.evidence.store_identity import describe_store, refresh
from atlaslens_forwarder.evidence.verify import SEAL, STORE
from atlaslens_forwarder.seals.seal import read_seal
from atlaslens_forwarder.storage.seal_store import SealStore

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.manifest import Claims
    from atlaslens_forwarder.evidence.redaction import Redaction
    from atlaslens_forwarder.model.json import JsonObject, JsonValue


async def compare_with_store(client: AsyncOpenSearch, path: Path, *, index: str | None = None) -> Check:
    """Read the filter of a bundle again and hold it against the bundle, both as streams.

    Only the first difference is named. Events that came into the store after the export, such as late ones,
    are differences too: the check is about now.

    Raises:
        EvidenceError: the bundle cannot be read.
        StoreError: the store does not answer in full.
        UnreachableError: the store does not answer, or refuses us.
    """
    with open_bundle(path) as bundle:
        claims = parse_manifest(read_small(bundle, MANIFEST)).claims
        where = index or index_of(claims.filter.view)
        refreshed = await refresh(client, where)
        async with frozen_view(client, where) as view:
            now = await describe_store(client, refreshed=refreshed, index=where)
            changed = _other_indices(claims, now)
            async with aclosing(stream_events(client, view, claims.filter.to_query())) as pages:
                found = await _compare(bundle, _one_by_one(pages))
    if found.fault:
        return failed(STORE, f"{found.fault}{changed and f'; {changed}'}")
    if found.withheld:
        return not_checked(
            STORE,
            f"the {found.same} rows that are here are in the store; {found.others} others there are as many "
            f"as the {found.withheld} that are withheld{changed and f'; {changed}'}",
        )
    if changed:
        return failed(STORE, f"the {found.same} events are the same, but {changed}")
    return passed(STORE, f"the store holds the same {found.same} events now, in the same indices")


async def find_seal(client: AsyncOpenSearch, path: Path) -> Check:
    """Look whether the seal that a bundle names as the last before it is in the store, as it was.

    Whether the whole chain holds, and the store with it, is for ``seals verify`` to say.

    Raises:
        EvidenceError: the bundle cannot be read.
        StoreError: the seals cannot be read.
        UnreachableError: the store does not answer, or refuses us.
    """
    with open_bundle(path) as bundle:
        head = parse_manifest(read_small(bundle, MANIFEST)).claims.seal_head
    if head is None:
        return not_checked(SEAL, "no seal of the store was known when this was exported")
    number = head.get("number")
    stored = await SealStore(client).get(number) if isinstance(number, int) else None
    if stored is None or stored.envelope is None:
        return failed(SEAL, f"seal {number}, which the manifest names, is not in the store")
    found = read_seal(stored.envelope).hash
    if found != head.get("hash"):
        return failed(SEAL, f"seal {number} of the store is another one ({found}) than the manifest names")
    return passed(SEAL, f"seal {number}, the last before the export, is in the store as it was")


@dataclass(slots=True)
class _Found:
    fault: str = ""
    same: int = 0
    others: int = 0
    withheld: int = 0


async def _one_by_one(pages: AsyncIterator[list[JsonObject]]) -> AsyncIterator[JsonObject]:
    async for page in pages:
        for event in page:
            yield event


async def _compare(bundle: Bundle, stored: AsyncIterator[JsonObject]) -> _Found:
    found = _Found()
    redaction = parse_redaction(read_small(bundle, REDACTION)) if REDACTION in bundle.sizes else None
    found.withheld = 0 if redaction is None else redaction.withheld_count
    there = await anext(stored, None)
    for number, row in _rows(bundle, redaction, found):
        while there is not None and _key(there) < (row.at_ms, row.event_id):
            found.others += 1
            if found.others > found.withheld:
                found.fault = (
                    f"before row {number} the store has {shown_id(there)}, which is not in the bundle"
                )
                return found
            there = await anext(stored, None)
        if there is None or _key(there) > (row.at_ms, row.event_id):
            found.fault = f"row {number} ({shown_id(row.event)}) is not in the store"
            return found
        path = first_difference(row.event, there)
        if path:
            found.fault = f"row {number} ({shown_id(row.event)}) differs in the store in {path}"
            return found
        found.same += 1
        there = await anext(stored, None)
    if found.fault:
        return found
    while there is not None:
        found.others += 1
        if found.others > found.withheld:
            found.fault = f"the store has {shown_id(there)}, which is not in the bundle"
            return found
        there = await anext(stored, None)
    if found.others < found.withheld:
        found.fault = f"{found.withheld} rows are withheld, but the store has only {found.others} others"
    return found


def _rows(bundle: Bundle, redaction: Redaction | None, found: _Found) -> Iterator[tuple[int, Row]]:
    for number, line, _, withheld in numbered(bundle, redaction, []):
        if withheld or line is None:
            continue
        row = read_row(line)
        if not isinstance(row, Row):
            found.fault = f"row {number} of the bundle {row.reason}"
            return
        yield number, row


def _key(event: JsonObject) -> tuple[int, str]:
    return event_at_ms(event), event_id(event)


def _other_indices(claims: Claims, now: JsonObject) -> str:
    """How the indices differ from those of the export: another UUID means rebuilt, cloned or restored."""
    if claims.store.get("cluster_uuid") != now.get("cluster_uuid"):
        return "this is another cluster than the one that was exported from"
    before, after = _uuids(claims.store.get("indices")), _uuids(now.get("indices"))
    rebuilt = sorted(name for name in before if name in after and after[name] != before[name])
    gone = sorted(set(before) - set(after))
    if rebuilt:
        return f"the index {rebuilt[0]} was rebuilt, cloned or restored since (its UUID is another one)"
    return f"the index {gone[0]} is gone" if gone else ""


def _uuids(indices: JsonValue) -> dict[str, Any]:
    found = indices if isinstance(indices, list) else []
    return {str(each.get("name")): each.get("uuid") for each in found if isinstance(each, dict)}
