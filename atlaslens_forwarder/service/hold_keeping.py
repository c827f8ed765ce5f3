"""Keeps the months of legal holds from deletion: from ours, and from that of index management."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import CheckFailedError, ConfigError, FencedError
from atlaslens_forwarder.service.custody_log import HOLD_ADDED, HOLD_REMOVED
from atlaslens_forwarder.service.holds import HOLD_ACTIONS, Hold, holds_in, missing_months
from atlaslens_forwarder.service.months_seen import MonthsSeen
from atlaslens_forwarder.storage.ism import attach_policy, attached, deleting, detach_policy, explain
from atlaslens_forwarder.storage.ledger_rows import LedgerRows
from atlaslens_forwarder.storage.months import month_names

if TYPE_CHECKING:
    from collections.abc import Callable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.custody import Custody
    from atlaslens_forwarder.storage.plugins import Plugins
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

KIND: Final = "holds"
_TRIES: Final = 5


@dataclass(frozen=True, slots=True)
class Kept:
    """What was done about index management: months taken from it and given back to it.

    ``racing`` are held months that it was about to delete when they were taken from it.
    """

    taken: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()
    racing: tuple[str, ...] = ()


class Holds:
    """The holds of a store.

    Args:
        client: the store, as the account that keeps its months.
        custody: the custody log, the truth about holds.
        state: where the months are noted that were taken from index management.
        plugins: whether that is installed.
        origin: whether a row of the custody log is ours.
        reader: the store, as the account that reads the window ledger.
    """

    def __init__(
        self,
        client: AsyncOpenSearch,
        custody: Custody,
        state: StateStore,
        plugins: Plugins,
        origin: Callable[[JsonObject], bool | None],
        *,
        reader: AsyncOpenSearch,
    ) -> None:
        self._client = client
        self._reader = reader
        self._custody = custody
        self._state = state
        self._plugins = plugins
        self._origin = origin

    async def active(self) -> tuple[Hold, ...]:
        """The holds in force; asked anew each time, since a hold that is overlooked cannot be made good.

        Raises:
            StoreError: the custody log cannot be read.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        return holds_in(await self._custody.rows(HOLD_ACTIONS), self._origin)

    async def months(self) -> set[str]:
        """The names of all months that a hold keeps, whether they exist or not; raises as :meth:`active`."""
        found: set[str] = set()
        for hold in await self.active():
            found |= await self._months_of(hold)
        return found

    async def add(self, wanted: Hold) -> tuple[Hold, Kept]:
        """Put a hold in force; its number is given by the custody log.

        A month that went since housekeeping last looked counts as one that it should keep, and is missing.

        Raises:
            StoreError: it could not be recorded, or index management did not let go of a month. What is
                recorded stays in force; ``run`` and ``sync`` go on with it.
        """
        there = await month_names(self._client) | await MonthsSeen(self._client, self._state).names()
        months = sorted(await self._months_of(wanted) & there)
        body: JsonObject = {
            "from_ms": wanted.from_ms,
            "to_ms": wanted.to_ms,
            "site": wanted.site,
            "source": wanted.source,
            "months": [*months],
        }
        number = await self._custody.record(HOLD_ADDED, body=body, reason=wanted.reason, count=len(months))
        return replace(wanted, number=number, months=tuple(months)), await self.keep()

    async def remove(self, number: int, reason: str) -> tuple[int, Kept]:
        """End a hold, and give the months that no other keeps back to index management; the row's number.

        Raises:
            ConfigError: there is no such hold.
            StoreError: it could not be recorded, or index management did not take a month.
        """
        holds = await self.active()
        if number not in {hold.number for hold in holds}:
            known = ", ".join(str(hold.number) for hold in holds) or "none"
            raise ConfigError(f"there is no hold {number}", hint=f"in force: {known}; see hold list")
        row = await self._custody.record(HOLD_REMOVED, body={"hold": number}, reason=reason)
        return row, await self.keep()

    async def missing(self) -> dict[int, list[str]]:
        """By hold, the months that existed when it was added and are gone; empty when all is well."""
        there = await month_names(self._client)
        found = {hold.number: missing_months(hold, there) for hold in await self.active()}
        return {number: names for number, names in found.items() if names}

    async def refuse_to_forget(self) -> None:
        """Raise when a hold is in force: what is known of a person may belong to it.

        Raises:
            CheckFailedError: a hold is in force.
        """
        holds = await self.active()
        if holds:
            numbers = ", ".join(str(hold.number) for hold in holds)
            raise CheckFailedError(
                f"nobody may be forgotten while a legal hold is in force ({numbers})",
                hint="see hold list; forget again when the hold is removed",
            )

    async def keep(self) -> Kept:
        """Take held months from index management, and give those back that are held no more.

        Doing it again changes nothing. Without the plugin there is nothing to do.

        Raises:
            StoreError: a month could not be taken or given back; the next try goes on.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        if not self._plugins.index_management:
            return Kept()
        held, there = await self.months(), await month_names(self._client)
        explained = await explain(self._client, sorted(held & there))
        taken = sorted(attached(explained))
        racing = tuple(sorted(deleting(explained)))
        await self._note(lambda noted: noted | {*taken})  # before they are taken, or they would be forgotten
        await detach_policy(self._client, taken)
        noted = _names(await self._state.load(KIND))
        returned = sorted((noted - held) & there)
        await attach_policy(self._client, returned)
        await self._note(lambda noted: (noted & held) & there)
        return Kept(tuple(taken), tuple(returned), racing)

    async def _months_of(self, hold: Hold) -> set[str]:
        """Events, and with them the ledger rows, quarantine and undated events that belong to them."""
        windows = await LedgerRows(self._reader).months_over(
            hold.from_ms, hold.to_ms, site=hold.site, source=hold.source
        )
        return hold.event_months() | windows | hold.discovery_months(windows)

    async def _note(self, change: Callable[[set[str]], set[str]]) -> None:
        for attempt in range(_TRIES):
            doc = await self._state.load(KIND)
            noted = _names(doc)
            after = change(noted)
            if after == noted:
                return
            try:
                await self._state.save(KIND, KIND, {"taken": [*sorted(after)]}, doc)
            except FencedError:
                if attempt == _TRIES - 1:
                    raise
                continue
            return


def _names(doc: StateDoc | None) -> set[str]:
    names = doc.value.get("taken") if doc is not None else None
    return {*map(str, names)} if isinstance(names, list) else set()
