"""Reads one window and brings every row of it to a final outcome."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import AtlaslensError, FormatError
from atlaslens_forwarder.model.event import Event, RawRow, Rejected
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import HOUR_MS
from atlaslens_forwarder.normalise.reasons import RejectReason
from atlaslens_forwarder.pipeline.people import add_blinds, add_groups, drop_names
from atlaslens_forwarder.pipeline.placing import is_undated, place, stored_places
from atlaslens_forwarder.pipeline.quarantine import QuarantineEntry
from atlaslens_forwarder.pipeline.report import WindowReport
from atlaslens_forwarder.pipeline.steps import Step, nothing
from atlaslens_forwarder.pipeline.tally import Tally
from atlaslens_forwarder.privacy.emails import without_emails
from atlaslens_forwarder.privacy.origin import hashed_bytes, stamp
from atlaslens_forwarder.sink.bulk import BulkItem, Delivery

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Sequence

    from atlaslens_forwarder.cursor.intervals import Intervals
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.event import EventContext
    from atlaslens_forwarder.pipeline.placing import Places
    from atlaslens_forwarder.pipeline.ports import Months, Sink, WindowObserver
    from atlaslens_forwarder.pipeline.quarantine import Quarantine
    from atlaslens_forwarder.pipeline.steps import OnStep
    from atlaslens_forwarder.privacy.keyring import Keyring
    from atlaslens_forwarder.sink.bulk import ItemResult
    from atlaslens_forwarder.sources.source import Page, Reader, SourceSpec

CONFLICT = "conflict"
REFUSED = "refused"
EXPIRED = "expired"
NORMALISER_FAILED = "normaliser-failed"
SETTLE_S = 2.0


class Ingest:
    """Brings windows of one connector into the store; keeps no state between windows."""

    def __init__(
        self,
        connector: ConnectorId,
        spec: SourceSpec,
        context: EventContext,
        *,
        sink: Sink,
        months: Months,
        quarantine: Quarantine,
        known: Places,
        keyring: Keyring,
        clock: Callable[[], int],
        retention_ms: int,
        observer: WindowObserver,
        on_step: OnStep = nothing,
        groups_of: Callable[[str], Sequence[str]] | None = None,
        names: bool = True,
    ) -> None:
        self._connector = connector
        self._spec = spec
        self._context = context
        self._sink = sink
        self._months = months
        self._quarantine = quarantine
        self._known = known
        self._keyring = keyring
        self._clock = clock
        self._retention_ms = retention_ms
        self._observer = observer
        self._on_step = on_step
        self._groups_of = groups_of
        self._names = names

    async def run(
        self,
        reader: Reader,
        window: Window,
        covered: Intervals,
        *,
        check: Callable[[], None] | None = None,
    ) -> WindowReport:
        """Read a window whose access was just proven.

        Never raises for what goes wrong with the source or the store: that is in the report, together
        with the counts so far. What was covered before tells late events from new ones. ``check`` is asked
        before each page is stored; what it raises breaks the window off.
        """
        report = WindowReport(self._connector, window, self._clock(), access_proven=True)
        try:
            await self._pages(reader, window, covered, report, check or _always)
            report.end_reached = True
            self._on_step(Step.PAGES_DONE)
            if report.tally.format_changed:
                raise FormatError(
                    f"{report.tally.quarantined} of {report.tally.events} rows could not be understood",
                    status=SourceStatus.UNREADABLE,
                    hint="the format has changed: see quarantine list, install a newer version, then replay",
                )
        except AtlaslensError as error:
            report.error = error
        report.finished_ms = self._clock()
        return report

    async def _pages(
        self,
        reader: Reader,
        window: Window,
        covered: Intervals,
        report: WindowReport,
        check: Callable[[], None],
    ) -> None:
        """Fetch one page ahead while the last one is stored."""
        async with aclosing(reader.pages(window)) as pages:
            await self._each_page(pages, window, covered, report, check)

    async def _each_page(
        self,
        pages: AsyncGenerator[Page],
        window: Window,
        covered: Intervals,
        report: WindowReport,
        check: Callable[[], None],
    ) -> None:
        ahead: asyncio.Future[Page | None] = asyncio.ensure_future(anext(pages, None))
        try:
            while (page := await ahead) is not None:
                self._on_step(Step.FETCHED)
                check()
                ahead = asyncio.ensure_future(anext(pages, None))
                counted = Tally(pages=1, rows=page.received, without_event=Counter(page.without_event))
                try:
                    await self._deliver(page.rows, window, covered, counted)
                finally:
                    report.tally.add(counted)
                if page.commit is not None and not report.tally.format_changed:
                    await page.commit()
                if page.delivered is not None:
                    report.delivered = report.delivered.add(*page.delivered)
                self._observer.page_done(self._connector, window, counted, report.delivered.length_ms)
        finally:
            await _settle(ahead)

    async def _deliver(self, rows: list[RawRow], window: Window, covered: Intervals, tally: Tally) -> None:
        oldest_ms = self._clock() - self._retention_ms
        sources: list[RawRow] = []
        events: list[Event] = []
        refused: list[QuarantineEntry] = []
        tally.events = len(rows)
        # A date that an outsider sets may be older than the retention and yet be news.
        keeps_old = self._spec.outsider_dates and not window.backfilled
        for row in rows:
            if row.at_ms is not None and row.at_ms < oldest_ms and not keeps_old:
                tally.skipped += 1
                continue
            if row.at_ms is not None and not keeps_old:
                tally.hours.add(row.at_ms // HOUR_MS)
            event = self.event_of(row)
            if isinstance(event, Rejected):
                refused.append(QuarantineEntry(self._connector, row, event.reason, event.detail))
                continue
            self._flag(event, window, covered)
            sources.append(row)
            events.append(event)
        items = await self._placed(events)
        self._on_step(Step.NORMALISED)
        await self._months.ensure_months({item.index for item in items})
        for row, item, result in zip(sources, items, await self._sink.create(items), strict=True):
            if result.outcome is Delivery.STORED:
                tally.stored += 1
                _count_stored(item.doc, tally)
                if keeps_old:
                    tally.hours.add(self._clock() // HOUR_MS)
            elif result.outcome is Delivery.REPEAT or self._is_ours_of_old(row, result):
                tally.repeat += 1
            elif result.outcome is Delivery.CONFLICT:
                tally.conflict += 1
                refused.append(QuarantineEntry(self._connector, row, CONFLICT, item.id, item.index))
            else:
                refused.append(
                    QuarantineEntry(self._connector, row, result.reason, result.detail, item.index)
                )
        self._on_step(Step.STORED)
        await self._quarantine.keep(refused)
        tally.reasons = Counter(entry.reason for entry in refused)
        tally.quarantined = len(refused) - tally.conflict
        self._on_step(Step.QUARANTINED)

    async def replay(self, row: RawRow) -> str:
        """Try one quarantined row again: ``stored``, ``repeat``, ``conflict``, ``refused`` or ``expired``.

        Expired is what has become older than the retention while it waited: its month may be gone.

        Raises:
            StoreError: it has no final outcome.
        """
        event = self.event_of(row)
        if isinstance(event, Rejected):
            return REFUSED
        if event.at_ms < self._clock() - self._retention_ms and not self._spec.outsider_dates:
            return EXPIRED
        part = event.doc["atlassian"]
        if isinstance(part, dict):
            part["late"], part["backfilled"] = True, False
        (item,) = await self._placed([event])
        await self._months.ensure_months([item.index])
        (result,) = await self._sink.create([item])
        if self._is_ours_of_old(row, result):
            return Delivery.REPEAT.value
        return REFUSED if result.outcome is Delivery.REJECTED else result.outcome.value

    def _is_ours_of_old(self, row: RawRow, result: ItemResult) -> bool:
        """Whether a conflict is none: the stored event was made of this row under an older blind key.

        The row is turned into an event again as before each rotation, and compared with what is stored.
        """
        if result.outcome is not Delivery.CONFLICT:
            return False
        for blind in self._keyring.older_blinders():
            event = self.event_of(row, blind)
            if isinstance(event, Event) and self._keyring.origin_matches(
                hashed_bytes(event.doc), result.detail
            ):
                return True
        return False

    def event_of(self, row: RawRow, blind: Callable[[bytes], str] | None = None) -> Event | Rejected:
        """The row as an event with its hash, or why not; e-mail addresses leave it first.

        Args:
            row: as it came.
            blind: makes the blind index of an address; that of the current key if not given.
        """
        clean = RawRow(without_emails(row.data, blind or self._keyring.blind), row.identity, row.at_ms)
        try:
            event = self._spec.normalise(clean, self._context)
            if isinstance(event, Event):
                self._complete(event, blinded=clean.data is not row.data)
                stamp(event.doc, self._keyring)
        except ValueError as error:
            return Rejected(row, RejectReason.NO_CANONICAL_FORM, str(error))
        except Exception as error:  # noqa: BLE001  one row we did not foresee must not stop its source
            return Rejected(row, NORMALISER_FAILED, type(error).__name__)
        return event

    def _complete(self, event: Event, *, blinded: bool) -> None:
        """What the event says of people beyond its row."""
        if blinded:
            add_blinds(event.doc)
        if self._groups_of is not None:
            add_groups(event.doc, self._groups_of)
        if not self._names:
            drop_names(event.doc)

    async def _placed(self, events: list[Event]) -> list[BulkItem]:
        """Each event with the index it belongs to, or is in already."""
        now_ms = self._clock()
        outsider_dates = self._spec.outsider_dates
        there = await stored_places(self._known, events) if outsider_dates else {}
        items: list[BulkItem] = []
        for event in events:
            index = there.get(event.id) or place(
                event, now_ms, now_ms - self._retention_ms, outsider_dates=outsider_dates
            )
            if is_undated(index):
                part = event.doc["atlassian"]
                if isinstance(part, dict):
                    part["undated"] = True
            items.append(BulkItem(index, event.id, event.doc))
        return items

    def _flag(self, event: Event, window: Window, covered: Intervals) -> None:
        part = event.doc["atlassian"]
        if isinstance(part, dict):
            part["late"] = covered.contains(event.at_ms)
            part["backfilled"] = window.backfilled


def _always() -> None:
    """Nothing but its end ends the window."""


async def _settle(ahead: asyncio.Future[Page | None]) -> None:
    """Let a request in flight end by itself where it soon does: cancelling it could cost a pool slot."""
    await asyncio.wait([ahead], timeout=SETTLE_S)
    ahead.cancel()
    with suppress(AtlaslensError, asyncio.CancelledError):
        await ahead


def _count_stored(doc: object, tally: Tally) -> None:
    match doc:
        case {"atlassian": {"late": True}}:
            tally.late += 1
    match doc:
        case {"event": {"action": "unclassified"}}:
            tally.unclassified += 1
