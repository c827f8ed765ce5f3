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
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

KIND = "cursor"
SAVE_TRIES = 5


class OpenCursor:
    """The cursor of one connector while a round is under way; commits are serialised."""

    def __init__(
        self,
        connector: ConnectorId,
        cursor: Cursor,
        doc: StateDoc | None,
        *,
        state: StateStore,
        ledger: Ledger,
        on_step: OnStep,
    ) -> None:
        self.cursor = cursor
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
    ) -> OpenCursor:
        """Load the stored cursor, or begin one whose first sync is now.

        Raises:
            StoreError: the state cannot be read.
        """
        doc = await state.load(_state_id(connector))
        cursor = Cursor(first_sync_at_ms=clock()) if doc is None else read_cursor(doc)
        return cls(connector, cursor, doc, state=state, ledger=ledger, on_step=on_step)

    async def commit(self, report: WindowReport) -> None:
        """Append the window to the ledger; then move the cursor over what of it was read for certain.

        Raises:
            StoreError: either is not stored; reading the window again is safe.
        """
        async with self._lock:
            report.number = await self._ledger.append(report, self.cursor.window_number + 1)
            self._on_step(Step.LEDGER_WRITTEN)
            after = self.cursor
            for from_ms, to_ms in report.read:
                after = after.after(replace(report.window, from_ms=from_ms, to_ms=to_ms))
            await self._save(replace(after, window_number=report.number))
            self._on_step(Step.CURSOR_SAVED)

    async def _save(self, cursor: Cursor) -> None:
        for _ in range(SAVE_TRIES):
            try:
                self._doc = await self._state.save(
                    _state_id(self._connector),
                    KIND,
                    cursor.to_json(),
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
            f"the cursor of {self._connector} is changed all the time", hint="run one forwarder only"
        )


def read_cursor(doc: StateDoc) -> Cursor:
    """The cursor in a state document.

    Raises:
        StoreError: it is damaged, or written by a newer forwarder.
    """
    try:
        return Cursor.from_json(doc.value)
    except ValueError as error:
        raise StoreError(f"the state {doc.id} cannot be read", hint="install the newest forwarder") from error


def _state_id(connector: ConnectorId) -> str:
    return f"{KIND}:{connector}"
