"""What is known of a report's periods: one document per report, written by compare and set.

A period is claimed before its bundle is made, and the claim is renewed just before the bundle gets its name.
Of two that make the same one, the second write fails, so one bundle is published.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.model.time import MINUTE_MS

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

KIND: Final = "report"
MAKING: Final = "making"
MADE: Final = "made"
FAILED: Final = "failed"
CLAIM_MS: Final = 15 * MINUTE_MS
"""A claim that is older belongs to somebody who is dead, or will see that it was taken over."""
FIRST_WAIT_MS: Final = 5 * MINUTE_MS
LONGEST_WAIT_MS: Final = 60 * MINUTE_MS
MOST_DOUBLINGS: Final = 4
"""Enough to reach the longest wait."""
REMEMBERED: Final = 24
"""Periods of which a report's document tells; twice what is caught up."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one period; ``at_ms`` is when that was written, epoch milliseconds."""

    status: str = ""
    at_ms: int = 0
    failures: int = 0
    count: int | None = None
    verdict: str = ""
    manifest_sha256: str = ""

    def is_free(self, now_ms: int) -> bool:
        """Whether the period is to be made now: not made, not under way, no failure to wait out."""
        match self.status:
            case "made":
                return False
            case "making":
                return now_ms >= self.at_ms + CLAIM_MS
            case "failed":
                wait_ms = FIRST_WAIT_MS << min(max(0, self.failures - 1), MOST_DOUBLINGS)
                return now_ms >= self.at_ms + min(wait_ms, LONGEST_WAIT_MS)
        return True

    def to_json(self) -> JsonObject:
        """As it stands in the state."""
        return {name: getattr(self, name) for name in Entry.__slots__}


@dataclass(frozen=True, slots=True)
class Book:
    """The document of one report: since when it is known, and its periods."""

    name: str
    since_ms: int
    entries: dict[str, Entry]
    doc: StateDoc | None

    def of(self, period: str) -> Entry:
        """What became of a period."""
        return self.entries.get(period, Entry())

    @property
    def last_made(self) -> tuple[str, Entry] | None:
        """The newest period that was made."""
        made = sorted(name for name, entry in self.entries.items() if entry.status == MADE)
        return (made[-1], self.entries[made[-1]]) if made else None


class Books:
    """Reads and writes the documents of reports."""

    def __init__(self, state: StateStore) -> None:
        self._state = state
        self._me = secrets.token_hex(8)
        """Tells our claim from the same one that another makes in the same millisecond."""

    async def open(self, name: str, now_ms: int) -> Book:
        """The book of a report; an empty one that begins now where there is none yet.

        Raises:
            StoreError: the state cannot be read.
            UnreachableError: OpenSearch does not answer.
        """
        doc = await self._state.load(f"{KIND}:{name}")
        if doc is None:
            return Book(name, now_ms, {}, None)
        since_ms, periods = doc.value.get("since_ms"), doc.value.get("periods")
        return Book(
            name,
            since_ms if isinstance(since_ms, int) else now_ms,
            {period: _entry(value) for period, value in periods.items()} if isinstance(periods, dict) else {},
            doc,
        )

    async def keep(self, book: Book) -> Book:
        """Write a book that is new, so that its beginning stands.

        Raises:
            FencedError: another forwarder was quicker.
            StoreError: the state cannot be written.
        """
        return await self._save(book) if book.doc is None else book

    async def write(self, book: Book, period: str, entry: Entry) -> Book:
        """Say what became of a period, if nobody has changed the book since.

        Raises:
            FencedError: somebody has.
            StoreError: the state cannot be written.
        """
        others = sorted(name for name in book.entries if name != period)[1 - REMEMBERED :]
        entries = {name: book.entries[name] for name in others} | {period: entry}
        return await self._save(replace(book, entries=entries))

    async def fail(self, book: Book, period: str, now_ms: int) -> None:
        """Give up a claim of ours, if it still is.

        Raises:
            StoreError: the state cannot be written.
        """
        failures = book.of(period).failures + 1
        try:
            await self.write(book, period, Entry(FAILED, now_ms, failures))
        except FencedError:
            return  # somebody else has the period now

    async def _save(self, book: Book) -> Book:
        periods: dict[str, JsonValue] = {name: entry.to_json() for name, entry in book.entries.items()}
        value: JsonObject = {"since_ms": book.since_ms, "periods": periods}
        doc = await self._state.save(f"{KIND}:{book.name}", KIND, value, book.doc, holder=self._me)
        return replace(book, doc=doc)


def _entry(value: Any) -> Entry:
    if not isinstance(value, dict):
        return Entry()
    known: dict[str, Any] = {name: value[name] for name in Entry.__slots__ if name in value}
    return Entry(**known)
