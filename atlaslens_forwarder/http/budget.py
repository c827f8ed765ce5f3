"""The request budget of one credential, shared fairly between those who read with it.

Every source of a site asks with the same credential. Whoever asks most would get most if requests were served
in the order in which they come: a backfill with many windows fills the queue, and the poll of another source
stands at its end. So each reader has a queue of its own, and the readers take turns.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from aiolimiter import AsyncLimiter

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

BURST_SHARE: Final = 0.2
"""How much of a rolling allowance may be spent at once; the rest comes evenly."""


class FairBudget:
    """Turns at a limiter: round-robin between readers, first come first served within one.

    What is handed on is the turn, not the permit: only the holder of the turn waits at the limiter, so a
    permit is taken by the one who uses it and none is lost, whoever is cancelled at whatever moment. A reader
    that comes waits for the permit that is being waited for, and for at most one of each other reader.
    """

    def __init__(self, limiter: AsyncLimiter) -> None:
        self._limiter = limiter
        self._queues: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        self._taken = False
        self._used = 0.0
        self._used_at_s = time.monotonic()

    async def acquire(self, reader: str = "") -> None:
        """Wait for this reader's turn and for the limiter; then one request is paid."""
        async with self._turn(reader):
            await self._limiter.acquire()
        self._used, self._used_at_s = self._in_use() + 1, time.monotonic()

    @property
    def available(self) -> float:
        """How many requests would pass at once now.

        Our own account of the limiter's bucket: the limiter's may be asked by the loop's thread only, and
        metrics are read by another.
        """
        return max(0.0, self._limiter.max_rate - self._in_use())

    def _in_use(self) -> float:
        elapsed_s = time.monotonic() - self._used_at_s
        return max(0.0, self._used - elapsed_s * self._limiter.max_rate / self._limiter.time_period)

    @property
    def waiting(self) -> int:
        """How many requests wait for their turn."""
        return sum(map(len, self._queues.values()))

    @asynccontextmanager
    async def _turn(self, reader: str) -> AsyncIterator[None]:
        if self._taken:
            await self._stand_in_line(reader)
        self._taken = True
        try:
            yield
        finally:
            self._pass_on()

    async def _stand_in_line(self, reader: str) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        queue = self._queues.setdefault(reader, deque())
        queue.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._pass_on()  # it was our turn already, and we have no use for it
            else:
                self._leave(reader, turn)
            raise

    def _leave(self, reader: str, turn: asyncio.Future[None]) -> None:
        queue = self._queues.get(reader, deque())
        if turn in queue:  # else it was passed over already
            queue.remove(turn)
            if not queue:
                del self._queues[reader]

    def _pass_on(self) -> None:
        """The turn goes to the reader that has waited longest for one; it then stands behind the others."""
        while self._queues:
            reader, queue = self._queues.popitem(last=False)
            turn = queue.popleft()
            if queue:
                self._queues[reader] = queue
            if not turn.done():  # one that is being cancelled has not left the line yet
                turn.set_result(None)
                return
        self._taken = False


def per_second(rate: float) -> AsyncLimiter:
    """A limiter of so many requests a second; it lets a second's worth through at once."""
    return AsyncLimiter(max(1.0, rate), max(1.0, 1 / rate))


def per_rolling(amount: int, period_s: float) -> AsyncLimiter:
    """A limiter that stays within ``amount`` requests in any stretch of ``period_s`` seconds.

    A bucket of the whole amount would not: full at the start, it lets nearly twice as much through in the
    first period. So the bucket holds a share of it, and the rest comes evenly.
    """
    burst = max(1, int(amount * BURST_SHARE))
    per_s = max(1, amount - burst) / period_s
    return AsyncLimiter(burst, burst / per_s)
