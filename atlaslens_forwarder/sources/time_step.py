"""Paging a newest-first feed by time instead of by offset. Pure.

With offsets, a row that arrives late below the window's end pushes every older row one place down: the
next page repeats a row, and where rows have no id, the repeat looks like a true twin. So:

1. Ask for ``[from, hi]`` at offset 0. Keep the rows newer than the page's oldest millisecond; that
   millisecond may go on beyond the page, so drop it (a *border* row) and ask again with ``hi`` = that
   millisecond: the next page holds it whole.
2. When a page holds one millisecond only, nothing can be dropped: keep it and go on by offset *inside
   that millisecond*, until its end is seen; then continue below it. Rows whose time cannot be read may
   belong to that millisecond too: with such rows on the page the offset is unknown, so the page is dropped
   and the millisecond asked from its start.
3. The end of the window is an empty page at offset 0 (a feed may prove its end otherwise: ``at_end``).
   ``total`` and ``size`` are never believed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject

MAX_PAGES_WITHOUT_STEP = 1_000
"""Pages in a row that bring us to no older millisecond: an audit log has no million rows of one."""


@dataclass(frozen=True, slots=True)
class FeedRow:
    """A row of a page with its time, None where the time cannot be read."""

    at_ms: int | None
    data: JsonObject


@dataclass(frozen=True, slots=True)
class FeedRequest:
    """What to ask next; both ends inclusive."""

    from_ms: int
    to_ms: int
    offset: int


@dataclass(slots=True)
class Accepted:
    """What one page contributed, and why its other rows did not."""

    rows: list[FeedRow] = field(default_factory=list)
    border: int = 0
    outside: int = 0


class TimeStepPager:
    """Alternate :attr:`request` and :meth:`feed` until ``request`` is None."""

    def __init__(self, from_ms: int, to_ms: int) -> None:
        self._from_ms = from_ms
        self._inside_ms: int | None = None
        self._pages_without_step = 0
        self.request: FeedRequest | None = FeedRequest(from_ms, to_ms, 0)

    def feed(self, rows: Sequence[FeedRow], *, at_end: bool) -> Accepted:
        """Take the page that answers :attr:`request`.

        Args:
            rows: the page, newest first as the API sent it.
            at_end: the feed says in a trustworthy way that nothing follows.

        Raises:
            FormatError: the page is not newest first, so it cannot be paged by time.
        """
        asked = self.request
        if asked is None:
            raise AssertionError("a page without a request")
        accepted = Accepted()
        timed: list[int] = []
        for row in rows:
            if row.at_ms is None:
                accepted.rows.append(row)
            elif asked.from_ms <= row.at_ms <= asked.to_ms:
                if timed and row.at_ms > timed[-1]:
                    raise FormatError("the feed is not sorted newest first", status=SourceStatus.UNREADABLE)
                timed.append(row.at_ms)
                accepted.rows.append(row)
            else:
                accepted.outside += 1
        if self._inside_ms is not None:
            self._feed_inside(asked, rows, at_end=at_end)
        elif not rows or (at_end and not accepted.outside):
            # Rows outside what was asked mean the server paged something else: then its end proves nothing.
            self.request = None
        else:
            self._step(asked, rows, timed, accepted)
        return accepted

    def _step(
        self, asked: FeedRequest, rows: Sequence[FeedRow], timed: list[int], accepted: Accepted
    ) -> None:
        if not timed:  # unreadable times or rows outside: only the offset leads past them
            self._go_on(asked, len(rows))
            return
        newest, oldest = timed[0], timed[-1]
        if newest == oldest:
            self._inside_ms = oldest
            if asked.offset == 0 and len(timed) == len(accepted.rows):
                self.request = FeedRequest(oldest, oldest, len(timed))
            else:
                _drop(accepted, oldest)
                self.request = FeedRequest(oldest, oldest, 0)
            return
        self._pages_without_step = 0
        _drop(accepted, oldest)
        self.request = FeedRequest(asked.from_ms, oldest, 0)

    def _feed_inside(self, asked: FeedRequest, rows: Sequence[FeedRow], *, at_end: bool) -> None:
        inside_ms = asked.to_ms
        past_it = any(row.at_ms is not None and row.at_ms < inside_ms for row in rows)
        if rows and not past_it and not at_end:
            self._go_on(asked, len(rows))
            return
        self._inside_ms = None
        self._pages_without_step = 0
        below = inside_ms - 1
        self.request = FeedRequest(self._from_ms, below, 0) if below >= self._from_ms else None

    def _go_on(self, asked: FeedRequest, received: int) -> None:
        """Ask for the next offset; a server that ignores offsets must not hold us for ever."""
        self._pages_without_step += 1
        if self._pages_without_step > MAX_PAGES_WITHOUT_STEP:
            raise FormatError("the feed repeats itself without an end", status=SourceStatus.UNREADABLE)
        self.request = FeedRequest(asked.from_ms, asked.to_ms, asked.offset + received)


def _drop(accepted: Accepted, border_ms: int) -> None:
    """Take the rows of a millisecond out again: a later page holds it whole."""
    kept = [row for row in accepted.rows if row.at_ms != border_ms]
    accepted.border = len(accepted.rows) - len(kept)
    accepted.rows = kept
