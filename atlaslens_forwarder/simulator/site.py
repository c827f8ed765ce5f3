"""The state of one simulated site: its clock, its faults and its feeds.

No HTTP here: the server asks a site, and so do tests.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS, SECOND_MS
from atlaslens_forwarder.simulator.auth import Credentials, credentials_of
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.feed import Feed, Slot
from atlaslens_forwarder.simulator.world.history import History, Shape
from atlaslens_forwarder.simulator.world.names import Naming
from atlaslens_forwarder.simulator.world.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.calls import Part, RowSource
    from atlaslens_forwarder.simulator.faults import FaultPlan
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.spec import WorldSpec

P = TypeVar("P")

_TRUTH_CHUNK: Final = 1000
_POISONS: Final = 3


@dataclass(frozen=True, slots=True)
class TruthRow:
    """A row that the API serves now: its lasting key, its time, since when it is served, its served form."""

    key: str
    at_ms: int
    visible_at_ms: int
    row: JsonObject


class Site:
    """One Atlassian site and everything that happens on it.

    Args:
        spec: what the world is made from.
        faults: what goes wrong.
        sources: the row sources of all APIs.
        clock: the present, epoch milliseconds.
        parts: makes what moves by orders and is no feed of rows.
    """

    def __init__(
        self,
        spec: WorldSpec,
        faults: FaultPlan,
        sources: Sequence[RowSource],
        clock: Callable[[], int],
        parts: Sequence[Callable[[Site], Part]] = (),
    ) -> None:
        self.world = World.of(spec)
        self.credentials: Credentials = credentials_of(self.world)
        self.cloud_id = Chance(spec.seed, label(spec.site), label("cloud")).uuid()
        self.url = ""
        self.rows_made = 0
        self._clock = clock
        self._ahead_ms = 0
        self._sources = {source.name: source for source in sources}
        self._audit_pages = 0
        self._arrived: dict[str, int] = {}
        self._scheduled: dict[tuple[str, str], int] = {}
        self._set_at_ms = self.now_ms()
        self.faults = faults
        self._feeds = self._make_feeds()
        self._schedule_rows()
        self.parts = tuple(make(self) for make in parts)

    def part(self, kind: type[P]) -> P:
        """The part of this kind; every API brings its own."""
        return next(part for part in self.parts if isinstance(part, kind))

    # The present.

    def now_ms(self) -> int:
        """The site's present, epoch milliseconds."""
        return self._clock() + self._ahead_ms

    def advance(self, by_ms: int) -> None:
        """Let time pass at once."""
        self._ahead_ms += by_ms
        self._apply_renames()

    def set_faults(self, faults: FaultPlan) -> None:
        """Exchange all switches; changed twin or burst switches remake the history, added rows are lost."""
        reshaped = _shape(faults) != _shape(self.faults)
        self.faults = faults
        self._set_at_ms = self.now_ms()
        self._audit_pages = 0
        self._arrived.clear()
        if reshaped:
            self._scheduled.clear()
            self._feeds = self._make_feeds()
        self._schedule_rows()

    # Rows.

    @property
    def sources(self) -> tuple[str, ...]:
        """Names of all sources that have rows."""
        return tuple(self._feeds)

    def feed(self, source: str) -> Feed:
        """The feed of a source.

        Raises:
            ConfigError: there is no such source.
        """
        if source not in self._feeds:
            raise ConfigError(f"no source is called {source!r}", hint=f"use one of {', '.join(self._feeds)}")
        return self._feeds[source]

    def row(self, source: str, slot: Slot) -> JsonObject:
        """The served form of a row, now."""
        self.rows_made += 1
        kind = self._sources[source]
        row = kind.write(self.world, self.world.seed_of(source), slot)
        if slot.override:
            row = {name: value for name, value in (row | slot.override).items() if value is not None}
        return kind.spoil(row, slot.poison) if slot.poison else row

    def key(self, source: str, slot: Slot) -> str:
        """The name of a row in the truth; Confluence rows have no id that the API would show."""
        return self._sources[source].key(self.world.seed_of(source), slot)

    def truth(self, source: str, from_ms: int | None = None, to_ms: int | None = None) -> Iterator[TruthRow]:
        """Every row the API serves now, newest first; rows added while it runs are left out.

        Raises:
            ConfigError: there is no such source.
        """
        for part in self.parts:
            if source in part.truths:
                yield from part.truth(source, from_ms, to_ms)
                return
        self._apply_renames()
        feed, now_ms, offset = self.feed(source), self.now_ms(), 0
        before = feed.next_serial
        while slots := feed.page(from_ms, to_ms, now_ms, offset, _TRUTH_CHUNK, before=before):
            offset += len(slots)
            for slot in slots:
                yield TruthRow(self.key(source, slot), slot.at_ms, slot.visible_at_ms, self.row(source, slot))

    def page_asked(self, source: str) -> None:
        """Note that an audit page is being asked for: rows arrive, credentials grow old."""
        self._audit_pages += 1
        self._apply_renames()
        left = self.faults.arriving_limit - self._arrived.get(source, 0)
        now_ms, feed = self.now_ms(), self.feed(source)
        chance = Chance(self.world.seed_of(source), label("arrivals"), self._arrived.get(source, 0))
        fresh = min(self.faults.arriving_rows, left)
        late = min(self.faults.arriving_late_rows, left - fresh)
        for _ in range(fresh):
            feed.add(now_ms, now_ms)
        for _ in range(late):
            feed.add(now_ms - 2 * MINUTE_MS - chance.below(30 * MINUTE_MS), now_ms)
        self._arrived[source] = self._arrived.get(source, 0) + fresh + late

    def count_page(self) -> None:
        """Note that a page of activity is being asked for: credentials grow old."""
        self._audit_pages += 1
        self._apply_renames()

    @property
    def truths(self) -> tuple[str, ...]:
        """Names of everything that has a truth."""
        return (*self._feeds, *(name for part in self.parts for name in part.truths))

    @property
    def credentials_dead(self) -> bool:
        """Whether no credential is valid any more."""
        spent = bool(self.faults.expires_after) and self._audit_pages >= self.faults.expires_after
        return self.faults.expired_token or self.faults.silent_anonymous or spent

    def rename(self, person: Person, naming: Naming) -> None:
        """From now on the person is called otherwise, in old rows too."""
        self.world.names.rename(person, naming)

    # Set-up.

    def _make_feeds(self) -> dict[str, Feed]:
        spec, shape = self.world.spec, _shape(self.faults)
        return {
            name: Feed(
                History(self.world.seed_of(name), spec.rows_of(name), spec.start_ms, spec.now_ms, shape)
            )
            for name in self._sources
        }

    def _schedule_rows(self) -> None:
        for source in self._sources:
            self._schedule(source, "late", self.faults.late_rows)
            self._schedule(source, "back-dated", self.faults.back_dated_rows)
            self._schedule(source, "poisoned", self.faults.poisoned_rows)
        self._apply_renames()

    def _schedule(self, source: str, what: str, wanted: int) -> None:
        """Add the rows of a switch that are not there yet; each shows up minutes to hours from now."""
        feed, now_ms = self._feeds[source], self.now_ms()
        for number in range(self._scheduled.get((source, what), 0), wanted):
            chance = Chance(self.world.seed_of(source), label(what), number)
            shows_at_ms = now_ms + 5 * MINUTE_MS + chance.below(5 * 60 * MINUTE_MS)
            if what == "late":
                feed.add(now_ms - chance.below(30 * MINUTE_MS), shows_at_ms)
            elif what == "back-dated":
                feed.add(now_ms - (2 + chance.below(150)) * DAY_MS - chance.below(DAY_MS), shows_at_ms)
            else:
                at_ms = now_ms - (1 + chance.below(120)) * DAY_MS - chance.below(DAY_MS)
                feed.add(at_ms, at_ms, poison=1 + number % _POISONS)
        self._scheduled[source, what] = max(wanted, self._scheduled.get((source, what), 0))

    def _apply_renames(self) -> None:
        if self.now_ms() < self._set_at_ms + self.faults.rename_after_s * SECOND_MS:
            return
        for person in self.world.people.staff[: self.faults.renamed_people]:
            if person.account_id not in self.world.names.renamed():
                self.rename(
                    person,
                    Naming(
                        f"{person.display_name} (Deactivated)", "Former user", "unknown", is_external=True
                    ),
                )


def _shape(faults: FaultPlan) -> Shape:
    return Shape(faults.twin_rate, faults.burst_every, faults.burst_size)
