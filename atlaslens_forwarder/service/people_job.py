"""The job ``people`` of a site: read accounts, groups and members, and bring the store up to them."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AtlaslensError, SourceError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS
from atlaslens_forwarder.people.records import Home, PersonRecord
from atlaslens_forwarder.people.roster import Roster
from atlaslens_forwarder.people.update import Directory, updated
from atlaslens_forwarder.pipeline.tally import Tally
from atlaslens_forwarder.service.connector import RoundReport
from atlaslens_forwarder.service.health import load_health, save_health
from atlaslens_forwarder.sources.people.bitbucket import read_members
from atlaslens_forwarder.sources.people.desk import DeskPeople
from atlaslens_forwarder.sources.people.jira import JiraPeople
from atlaslens_forwarder.sources.source import Service
from atlaslens_forwarder.storage.legacy_keys import legacy_keys
from atlaslens_forwarder.storage.memory import SourceMemory

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable, Iterable

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.service.leases import Hold
    from atlaslens_forwarder.service.people import People, Stored
    from atlaslens_forwarder.service.site import Site
    from atlaslens_forwarder.storage.state import StateStore
    from atlaslens_forwarder.telemetry.observer import Telemetry

LEAST_INTERVAL_S: Final = 3600.0
"""All requests that look for users share one limit of the whole tenant."""
RECHECK_MS: Final = 7 * DAY_MS
"""The period that Atlassian names for erasing closed accounts (``Cycle-Period: P7D``)."""
_OVERLAP_MS: Final = 10 * MINUTE_MS
_MEMORY: Final = "legacy-keys"


class PeopleJob:
    """Keeps the people of one site, round by round; makes no events."""

    least_interval_s = LEAST_INTERVAL_S

    def __init__(
        self,
        connector: ConnectorId,
        site: Site,
        people: People,
        *,
        client: AsyncOpenSearch,
        state: StateStore,
        telemetry: Telemetry,
        clock: Callable[[], int],
    ) -> None:
        self.id = connector
        self._site = site
        self._people = people
        self._client = client
        self._state = state
        self._telemetry = telemetry
        self._clock = clock

    async def round(
        self, stop: asyncio.Event, since_ms: int | None = None, hold: Hold | None = None
    ) -> RoundReport:
        """Read everything anew; with ``since_ms`` closed accounts and legacy keys too.

        Failures are in the report. What could be read in spite of one is taken over, unless ``hold`` was
        lost.

        Raises:
            StoreError: not even the health could be saved.
        """
        report = RoundReport(self.id, windows_planned=1)
        started_ms = self._clock()
        try:
            await self._round(report, stop, since_ms, hold)
        except AtlaslensError as error:
            report.error = error
        report.windows_covered = int(report.error is None)
        if hold is None or hold.valid:
            await self._finish(report, started_ms)
        return report

    async def _round(
        self, report: RoundReport, stop: asyncio.Event, since_ms: int | None, hold: Hold | None
    ) -> None:
        context = await self._site.context()
        home = Home(context.cloud_id, context.site)
        jira = JiraPeople(await self._site.client(Service.SITE))
        own_id = await jira.myself()
        stored = await self._people.stored()
        before = _directory(stored, home)
        memory = SourceMemory(self._state, self.id)
        until_ms = self._clock()
        pairs = await legacy_keys(self._client, home.cloud_id, await _learned(memory, since_ms))
        roster = Roster()
        accounts_error = await _try(jira.accounts(roster))
        errors = [accounts_error]
        parts = self._parts(jira, home, roster)
        errors += [await _try(part()) for part in parts if not stop.is_set()]
        if accounts_error is None and not stop.is_set():
            known = {**before.people} | {
                account: PersonRecord(home, account, account_id=account)
                for account, _ in pairs
                if account not in before.people
            }
            unseen = _unseen(known.values(), roster, None if since_ms is not None else self._clock())
            errors.append(await _try(jira.look_up(roster, unseen, own_id)))
        after = updated(before, roster, pairs, self._people.gone.ids(), self._people.sealing, self._clock())
        if hold is not None:
            hold.check()
        await self._write(stored, before, after, report)
        await memory.save(_MEMORY, {"until_ms": until_ms})
        report.error = next((error for error in errors if error is not None), None)

    def _parts(self, jira: JiraPeople, home: Home, roster: Roster) -> Iterable[Callable[[], Awaitable[None]]]:
        """What is read besides the accounts; each may fail by itself."""

        async def organisations() -> None:
            await DeskPeople(await self._site.client(Service.SITE), home.cloud_id).organisations(roster)

        def members_of(workspace: str) -> Callable[[], Awaitable[None]]:
            async def members() -> None:
                await read_members(await self._site.client(Service.BITBUCKET), workspace, roster)

            return members

        async def groups() -> None:
            await jira.groups(roster)

        return [groups, organisations, *map(members_of, self._site.workspaces)]

    async def _write(self, stored: Stored, before: Directory, after: Directory, report: RoundReport) -> None:
        now_ms = self._clock()
        old = {record.doc_id: record for record in before.records()}
        records = after.records()
        changed = [record for record in records if old.get(record.doc_id) != record]
        await self._people.save([stored.change(record, now_ms) for record in changed])
        await self._people.write_lookups()
        report.tally = Tally(
            pages=1,
            rows=len(records),
            without_event=+Counter({"changed": len(changed), "unchanged": len(records) - len(changed)}),
        )

    async def _finish(self, report: RoundReport, started_ms: int) -> None:
        now_ms = self._clock()
        report.duration_s = (now_ms - started_ms) / 1000
        error = report.error
        report.status = SourceStatus.OK
        message, hint = "", ""
        if error is not None:
            report.status = error.status if isinstance(error, SourceError) else SourceStatus.STORE_FAILED
            message, hint = error.message, error.hint
            self._telemetry.round_failed(self.id, error)
        self._telemetry.round_done(self.id, report.tally, report.windows_planned, report.duration_s)
        before = await load_health(self._state, self.id)
        self._telemetry.status(self.id, before.status, report.status, now_ms)
        await save_health(self._state, self.id, before.after_round(report.status, now_ms, message, hint))


async def _try(reading: Awaitable[None]) -> SourceError | None:
    """One part of a round; the others go on."""
    try:
        await reading
    except SourceError as error:
        return error
    return None


async def _learned(memory: SourceMemory, since_ms: int | None) -> int:
    """From when on stored events may hold legacy keys that we have not learned."""
    found = await memory.load(_MEMORY)
    until_ms = found.get("until_ms") if found is not None else None
    return until_ms - _OVERLAP_MS if isinstance(until_ms, int) and since_ms is None else 0


def _directory(stored: Stored, home: Home) -> Directory:
    population = stored.population
    return Directory(
        home,
        {record.id: record for record in population.people if record.home.cloud_id == home.cloud_id},
        {record.id: record for record in population.groups if record.home.cloud_id == home.cloud_id},
    )


def _unseen(people: Iterable[PersonRecord], roster: Roster, now_ms: int | None) -> list[str]:
    """Accounts that no list shows and that are to be looked up: closed ones once a week, or all of them."""
    return [
        record.account_id
        for record in people
        if record.account_id
        and record.id not in roster.accounts
        and not record.forgotten
        and (
            not record.closed
            or now_ms is None
            or record.checked_ms is None
            or now_ms - record.checked_ms >= RECHECK_MS
        )
    ]
