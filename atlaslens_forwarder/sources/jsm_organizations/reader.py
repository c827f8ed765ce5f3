"""Looks at organisations and their customers, and tells what differs from the last look."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.errors import AccessError
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.jsm_organizations.lists import OrganizationLists
from atlaslens_forwarder.sources.snapshots import Places, Remembered, deeds_since, differences, next_turn
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterable, Mapping

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.snapshots import Deed, Snapshot
    from atlaslens_forwarder.sources.source import SourceContext

ORGANIZATIONS: Final = "organizations"
TURN: Final = "turn"
TURN_ORGANIZATIONS: Final = 100
"""Organisations whose customers are read in one round."""


class OrganizationsReader:
    """Reads the organisations of a site."""

    def __init__(self, context: SourceContext) -> None:
        self._lists = OrganizationLists(context.client)
        self._memory = context.memory
        self._places = Places(context.memory, context.clock)

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`."""
        await self._lists.prove_access()

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        known = await self._places.recall(ORGANIZATIONS)
        listed = await self._lists.organizations(known.snapshot)
        counts = Counter({"unreadable_entry": listed.unreadable})
        gone: dict[str, JsonObject] = {}
        kept: dict[str, JsonObject] = {}
        for key, value in (known.snapshot or {}).items():
            if key not in listed.entries:
                (gone if await self._lists.is_gone(key) else kept)[key] = value
        snapshot = {**listed.entries, **kept}
        deeds = deeds_since(known, snapshot)
        _count(counts, known, snapshot, deeds)
        looked_at_ms = self._places.now_ms(known)
        rows = organization_rows(deeds, looked_at_ms)
        for key, value in gone.items():
            rows += await self._left(key, value, looked_at_ms)
        page = await self._places.settle(ORGANIZATIONS, known, snapshot, rows, looked_at_ms)
        if page is not None:
            yield page
        turn = await self._memory.load(TURN)
        after = "" if turn is None else str(turn.get("after", ""))
        is_whole = window.purpose is not Purpose.POLL
        chosen = next_turn(listed.entries, after, len(listed.entries) if is_whole else TURN_ORGANIZATIONS)
        for key in chosen:
            page = await self._customers(key, listed.entries[key], counts)
            if page is not None:
                yield page

        async def commit() -> None:
            if chosen and chosen[-1] != after:
                await self._memory.save(TURN, {"after": chosen[-1]})

        counts = +counts
        yield Page(counts.total(), [], counts, commit=commit)

    async def _left(self, key: str, organization: JsonObject, looked_at_ms: int) -> list[RawRow]:
        """Who belonged to an organisation that is gone, and what has no outcome of it yet."""
        known = await self._places.recall(f"organization:{key}")
        deeds = differences(known.snapshot or {}, {})
        return [*known.pending, *customer_rows(key, organization, deeds, {}, looked_at_ms)]

    async def _customers(self, key: str, organization: JsonObject, counts: Counter[str]) -> Page | None:
        place = f"organization:{key}"
        known = await self._places.recall(place)
        try:
            listed = await self._lists.customers(key, known.snapshot)
        except AccessError as error:
            if error.status is not SourceStatus.NO_PERMISSION:
                raise
            counts["refused"] += 1  # deleted since it was listed, or not for us to see
            return self._places.unsettled(place, known)
        counts["unreadable_entry"] += listed.unreadable
        deeds = deeds_since(known, listed.entries)
        _count(counts, known, listed.entries, deeds)
        looked_at_ms = self._places.now_ms(known)
        rows = customer_rows(key, organization, deeds, listed.names, looked_at_ms)
        return await self._places.settle(place, known, listed.entries, rows, looked_at_ms)


def organization_rows(deeds: Iterable[Deed], looked_at_ms: int) -> list[RawRow]:
    """Organisations that came, went or are called otherwise. Pure."""
    return [
        _row(deed, {"scope": "organization"}, deed.key, deed.after or deed.before or {}, looked_at_ms)
        for deed in deeds
    ]


def customer_rows(
    key: str,
    organization: JsonObject,
    deeds: Iterable[Deed],
    names: Mapping[str, str],
    looked_at_ms: int,
) -> list[RawRow]:
    """Customers who joined or left an organisation; names of those who left are not known any more. Pure."""
    rows: list[RawRow] = []
    for deed in deeds:
        user: JsonObject = {"account_id": deed.key}
        if deed.key in names:
            user["display_name"] = names[deed.key]
        rows.append(_row(deed, {"scope": "customer", "user": user}, key, organization, looked_at_ms))
    return rows


def _row(deed: Deed, more: JsonObject, key: str, organization: JsonObject, looked_at_ms: int) -> RawRow:
    data: JsonObject = {
        **more,
        "subject": deed.key,
        "before": deed.before,
        "after": deed.after,
        "looked_at_ms": looked_at_ms,
        "organization": {"id": key, **organization},
    }
    parts = [data["scope"], deed.key, deed.before, deed.after, looked_at_ms]
    return RawRow(data, f"{key}:{digest_hex(parts)}", looked_at_ms)


def _count(counts: Counter[str], known: Remembered, snapshot: Snapshot, deeds: list[Deed]) -> None:
    """Count what was listed and makes no row."""
    reason = "first_sight" if known.snapshot is None else "unchanged"
    counts[reason] += len(snapshot) - sum(deed.after is not None for deed in deeds)
