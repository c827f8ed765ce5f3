"""Lists of a present state, read until absence from them can be believed.

Lists are paged by number or offset: when a row goes while they are read, the pages behind it shift, and a row
that stayed is on none of them. An entry without a readable key may be any of those that seem to be missing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import NotFoundError, TransientError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.snapshots import confirmed, loses, without_addresses

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.snapshots import Snapshot

_TRIES: Final = 3


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of a list: what is remembered of it, and the name that goes with it for now.

    ``about`` is whom or what the name belongs to.
    """

    key: str
    value: JsonObject
    about: str = ""
    name: str = ""


@dataclass(slots=True)
class Listing:
    """A list that was read to its end."""

    entries: dict[str, JsonObject] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    pages: int = 0
    unreadable: int = 0

    def add(self, rows: list[JsonObject], entry_of: Callable[[JsonObject], Entry | None]) -> None:
        """Take in a page."""
        self.pages += 1
        for row in rows:
            entry = entry_of(without_addresses(row))
            if entry is None:
                self.unreadable += 1
                continue
            self.entries[entry.key] = entry.value
            if entry.about and entry.name:
                self.names[entry.about] = entry.name


async def read_listing(
    pages: Callable[[], AsyncIterator[list[JsonObject]]],
    entry_of: Callable[[JsonObject], Entry | None],
    before: Snapshot | None,
) -> Listing:
    """Read a list so that what was there ``before`` and is not in it now is gone.

    Args:
        pages: begins to read the list.
        entry_of: what a row says, None where it has no readable key.
        before: what was in the list when it was last read, None when it never was.

    Raises:
        SourceError: it cannot be read to its end.
    """
    found = await _read(pages, entry_of)
    if found.pages > 1 and loses(before, found.entries):
        again = await _read(pages, entry_of)
        again.entries = {**confirmed(before, found.entries, again.entries)}
        again.names = found.names | again.names
        again.unreadable = max(found.unreadable, again.unreadable)
        found = again
    if found.unreadable and before:
        found.entries = {**before, **found.entries}
    return found


async def _read(
    pages: Callable[[], AsyncIterator[list[JsonObject]]], entry_of: Callable[[JsonObject], Entry | None]
) -> Listing:
    for _ in range(_TRIES):
        listing = Listing()
        try:
            async for rows in pages():
                listing.add(rows, entry_of)
        except NotFoundError:
            if not listing.pages:
                raise
            continue  # the list has become shorter than the page we were at
        return listing
    raise TransientError("a list became shorter each time it was read", status=SourceStatus.UNREACHABLE)
