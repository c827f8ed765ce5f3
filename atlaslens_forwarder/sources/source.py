"""What every source offers to the pipeline, and what it may use while it reads."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence

    from atlaslens_forwarder.cursor.intervals import Interval
    from atlaslens_forwarder.cursor.plan import ReadPolicy
    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.event import Event, EventContext, Pipeline, RawRow, Rejected
    from atlaslens_forwarder.model.json import JsonObject


@dataclass(slots=True)
class Page:
    """One page after paging: what came over the wire and which of it counts.

    A row is one deed that a record states: most records state one, a comment that was edited states two.
    ``received`` = ``len(rows)`` + the sum of ``without_event``, whose keys say why a row is no event:
    ``page_border`` (read again with the next page), ``outside_window`` (the server sent what was not asked),
    and those that a source documents in ``docs/sources``.

    ``delivered``: once this page has its outcomes, all of the window within this interval has. It lets a
    window that breaks off keep what it got. ``commit`` is awaited then, and never before: what a source
    remembers (branch heads, snapshots) moves last.
    """

    received: int
    rows: list[RawRow]
    without_event: Counter[str] = field(default_factory=Counter)
    delivered: Interval | None = None
    commit: Callable[[], Awaitable[None]] | None = None


class Reader(Protocol):
    """Reads windows of one source of one site."""

    async def prove_access(self) -> None:
        """Return when this account may read the source now.

        Raises:
            SourceError: it may not, or we cannot tell.
        """

    def pages(self, window: Window) -> AsyncGenerator[Page]:
        """The window's pages; when the iterator ends by itself, the end of the window was reached.

        The next page is asked for while the last one is being stored. A source whose next page depends on
        what ``commit`` writes must keep that in memory itself.

        Raises:
            SourceError: the window cannot be read to its end.
        """


class Memory(Protocol):
    """What a source remembers between windows, kept in ``atlaslens-state``; see ``storage.memory``."""

    async def load(self, key: str) -> JsonObject | None:
        """What was saved under the key, None when nothing was."""

    async def save(self, key: str, value: JsonObject) -> None:
        """Remember; raises ``FencedError`` when another forwarder changed it since it was loaded."""


class KnownEvents(Protocol):
    """What the store holds already, for sources that must compare with it; see ``storage.known``."""

    async def existing(self, ids: Sequence[str]) -> set[str]:
        """Which of these event ids are stored, in any month."""

    def find(self, terms: Mapping[str, Sequence[str]], fields: Sequence[str]) -> AsyncIterator[JsonObject]:
        """The named fields of every stored event that has one of the values in each of the term fields."""


class Service(StrEnum):
    """Whose credential a source is read with."""

    SITE = "site"
    BITBUCKET = "bitbucket"
    ORGANISATION = "organisation"


class Style(StrEnum):
    """How rounds of a source are planned."""

    WINDOWS = "windows"
    """By time, in slices that can be read in any order: ``cursor.plan.plan_round``."""
    POLLS = "polls"
    """By asking for the present state each time: ``cursor.plan.plan_poll``."""


@dataclass(frozen=True, slots=True)
class SourceContext:
    """What a source may use while it reads.

    ``workspaces`` are those of Bitbucket, ``organisation_id`` that of the organisation's events.
    """

    client: AtlassianClient
    event: EventContext
    memory: Memory
    known: KnownEvents
    clock: Callable[[], int]
    retention_ms: int
    workspaces: tuple[str, ...] = ()
    organisation_id: str = ""


@dataclass(frozen=True, slots=True)
class SourceSpec:
    """A source, declared in one place: its folder's ``source.py``, listed in ``sources/registry.py``.

    ``api_retention_days`` is how far back the API can answer at all, as far as known. ``has_history`` is
    false where only the present can be asked for, so that nothing is known of the time before the first
    poll. ``may_rest``: that nothing comes for long proves nothing, because its events are exceptions (a
    promise that was broken, a permission that changed). ``outsider_dates``: the time of a row is set by
    people outside, such as a commit's author, so it proves nothing and may not choose the month at will.
    """

    name: str
    title: str
    pipeline: Pipeline
    api_retention_days: int
    policy: ReadPolicy
    open_reader: Callable[[SourceContext], Reader]
    normalise: Callable[[RawRow, EventContext], Event | Rejected]
    service: Service = Service.SITE
    style: Style = Style.WINDOWS
    has_history: bool = True
    may_rest: bool = False
    outsider_dates: bool = False
