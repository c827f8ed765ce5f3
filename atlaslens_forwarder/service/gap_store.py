"""Gaps and pulses as they lie in ``atlaslens-state``: one document per connector and reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FencedError, StoreError
from atlaslens_forwarder.gaps.history import GapHistory
from atlaslens_forwarder.gaps.pulse import Pulse

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from atlaslens_forwarder.gaps.history import Holding, Period
    from atlaslens_forwarder.gaps.reasons import GapReason
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

KIND = "gap"
PULSE_KIND = "pulse"
SAVE_TRIES = 5


class GapStore:
    """Gaps and pulses, changed by compare and set: each try begins from what is stored."""

    def __init__(self, state: StateStore, clock: Callable[[], int]) -> None:
        self._state = state
        self._clock = clock

    async def histories(self, connector: ConnectorId | None = None) -> list[GapHistory]:
        """All gaps, or those of one connector, also those that are closed.

        Raises:
            StoreError: the state cannot be read, or a newer forwarder wrote it.
        """
        docs = await self._state.list(KIND)
        return [read_history(doc) for doc in docs if connector is None or doc.connector == str(connector)]

    async def reconcile(
        self,
        connector: ConnectorId,
        reason: GapReason,
        holdings: Callable[[Sequence[Period]], Sequence[Holding]],
    ) -> tuple[GapHistory, GapHistory]:
        """Make the stored gap say that exactly these hold; returns it before and after.

        ``holdings`` is asked with the open periods of each version that is met. Two forwarders that have
        seen the same write the same; the later one then finds nothing to do.

        Raises:
            StoreError: the state cannot be read or written.
        """
        doc_id = f"{KIND}:{connector}:{reason.value}"
        for _ in range(SAVE_TRIES):
            doc = await self._state.load(doc_id)
            before = GapHistory(str(connector), reason) if doc is None else read_history(doc)
            after = before.after(holdings(before.open_periods), self._clock())
            if after == before:
                return before, after
            try:
                await self._state.save(doc_id, KIND, after.to_json(), doc, connector=str(connector))
            except FencedError:
                continue
            return before, after
        raise StoreError(
            f"the gap {reason.value} of {connector} is changed all the time", hint="run one forwarder only"
        )

    async def pulse(self, connector: ConnectorId | str) -> Pulse:
        """The pulse of a connector, empty when nothing was ever heard.

        Raises:
            StoreError: the state cannot be read.
        """
        doc = await self._state.load(f"{PULSE_KIND}:{connector}")
        return Pulse() if doc is None else Pulse.from_json(doc.value)

    async def pulses(self) -> dict[str, Pulse]:
        """The pulse of every connector that has one; raises as :meth:`pulse` does."""
        return {doc.connector: Pulse.from_json(doc.value) for doc in await self._state.list(PULSE_KIND)}

    async def hear(self, connector: ConnectorId, hours: Iterable[int]) -> Pulse:
        """Add hours with events to a connector's pulse and return it.

        Raises:
            StoreError: the state cannot be read or written.
        """
        heard = list(hours)
        doc_id = f"{PULSE_KIND}:{connector}"
        for _ in range(SAVE_TRIES):
            doc = await self._state.load(doc_id)
            before = Pulse() if doc is None else Pulse.from_json(doc.value)
            after = before.heard(heard, self._clock())
            if after == before:
                return before
            try:
                await self._state.save(doc_id, PULSE_KIND, after.to_json(), doc, connector=str(connector))
            except FencedError:
                continue
            return after
        raise StoreError(f"the pulse of {connector} is changed all the time", hint="run one forwarder only")


def read_history(doc: StateDoc) -> GapHistory:
    """The gap in a state document.

    Raises:
        StoreError: it is damaged, or written by a newer forwarder.
    """
    try:
        return GapHistory.from_json(doc.value)
    except ValueError as error:
        raise StoreError(f"the state {doc.id} cannot be read", hint="install the newest forwarder") from error
