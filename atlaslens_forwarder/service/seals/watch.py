"""``run`` makes seals when they are due, and tries again after a while when one fails."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import SECOND_MS

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.service.seals.sealer import Sealer

TRIES_PER_INTERVAL: Final = 10


class SealWatch:
    """Looks whether a seal is due.

    Args:
        sealer: makes it.
        interval_s: time between two seals.
        clock: the present, epoch milliseconds.
    """

    def __init__(self, sealer: Sealer, interval_s: int, clock: Callable[[], int]) -> None:
        self._sealer = sealer
        self._wait_ms = interval_s * SECOND_MS // TRIES_PER_INTERVAL
        self._clock = clock
        self._not_before_ms = 0

    async def tick(self) -> None:
        """Make a seal if it is due; after a failure not before a tenth of the interval has passed.

        Raises:
            AtlaslensError: it could not be made; see :meth:`Sealer.make_if_due`.
        """
        if self._clock() < self._not_before_ms:
            return
        self._not_before_ms = self._clock() + self._wait_ms
        await self._sealer.make_if_due()
        self._not_before_ms = 0
