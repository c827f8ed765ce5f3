"""The cursor of a connector in ``atlaslens-state``, moved only after the window ledger."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.state import Cursor
from atlaslens_forwarder.errors import FencedError, StoreError
from atlaslens_forwarder.pipeline.steps import Step, nothing

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.pipeline.ledger import Ledger
    from atlaslens_forwarder.pipeline.report import WindowReport
    from atlaslens_forwarder.pipeline.steps import OnStep
    from atlaslens_forwarder.service.leases import Hold
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

KIND = "cursor"
FENCE = "fence"
"""Beside the cursor: the greatest token of a lease under which it was written."""
SAVE_TRIES = 5


class OpenCursor:
    """The cursor of one connector while a round is under way; commits are serialised.

    Under a lease, nothing is written once it is lost: our own clock tells that, and where it does not (a
    paused virtual machine), the fence in the document, which the next holder raises before it reads anything.
    A round without a lease (``sync`` without a ``run``) merges its progress with whoever else writes.
    """

    def __init__(
        self,
        connector: ConnectorId,
        cursor: Cursor,
        doc: StateDoc | None,
        *,
        state: StateStore,
        ledger: Ledger,
        on_step: OnStep,
        hold: Hold | None = None,
    ) -> None:
        self.cursor = cursor
        self._hold = hold
        self._connector = connector
        self._doc = doc
        self._state = state
        self._ledger = ledger
        self._on_step = on_step
        self._lock = asyncio.Lock()

    @classmethod
    async def load(
        cls,
        connector: ConnectorId,
        *,
        state: StateStore,
        ledger: Ledger,
        clock: Callable[[], int],
        on_step: OnStep = nothing,
        hold: Hold | None = None,
    ) -> OpenCursor:
        """Load the stored cursor, or begin one whose first sync is now; under a new lease, raise its fence.

        Raises:
            FencedError: another forwarder holds the connector.
            StoreError: the state cannot be read.
        """
        doc = await state.load(_state_id(connector))
        cursor = Cursor(first_sync_at_ms=clock()) if doc is None else read_cursor(doc)
        found = cls(connector, cursor, doc, state=state, ledger=ledger, on_step=on_step, hold=hold)
        if hold is not None and _fence(doc) != hold.token:
            await found._save(cursor)
        return found

    async def commit(self, report: WindowReport) -> None:
        """Append the window to the ledger; then move the cursor over what of it was read for certain.

        Raises:
            StoreError: either is not stored; reading the window again is safe.
        """
        async with self._lock:
            if self._hold is not None and report.error is None:
                try:
                    self._hold.check()
                except FencedError as error:
                    report.error = error  # so that the ledger says why the window is not covered
            report.number = await self._ledger.append(report, self.cursor.window_number + 1)
            self._on_step(Step.LEDGER_WRITTEN)
            after = self.cursor
            for from_ms, to_ms in report.read:
                after = after.after(replace(report.window, from_ms=from_ms, to_ms=to_ms))
            await self._save(replace(after, window_number=report.number))
            self._on_step(Step.CURSOR_SAVED)

    async def _save(self, cursor: Cursor) -> None:
        for _ in range(SAVE_TRIES):
            fence = self._checked_fence()
            try:
                self._doc = await self._state.save(
                    _state_id(self._connector),
                    KIND,
                    {**cursor.to_json(), FENCE: fence},
                    self._doc,
                    connector=str(self._connector),
                )
            except FencedError:
                self._doc = await self._state.load(_state_id(self._connector))
                if self._doc is not None:
                    cursor = cursor.merged(read_cursor(self._doc))
            else:
                self.cursor = cursor
                return
        raise StoreError(
            f"the cursor of {self._connector} is changed all the time",
            hint="see which other processes read this source",
        )

    def _checked_fence(self) -> int:
        """The fence to write, while we may write at all."""
        fence = _fence(self._doc)
        if self._hold is None:
            return fence
        self._hold.check()
        if fence > self._hold.token:
            raise FencedError(
                f"{self._connector} was taken over by another forwarder", hint="it reads the window again"
            )
        return self._hold.token


def read_cursor(doc: StateDoc) -> Cursor:
    """The cursor in a state document.

    Raises:
        StoreError: it is damaged, or written by a newer forwarder.
    """
    try:
        return Cursor.from_json(doc.value)
    except ValueError as error:
        raise StoreError(f"the state {doc.id} cannot be read", hint="install the newest forwarder") from error


def _fence(doc: StateDoc | None) -> int:
    found = 0 if doc is None else doc.value.get(FENCE, 0)
    return found if isinstance(found, int) else 0


def _state_id(connector: ConnectorId) -> str:
    return f"{KIND}:{connector}"
