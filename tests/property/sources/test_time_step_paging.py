"""However a feed moves while it is paged, every row of it is taken exactly once."""

from __future__ import annotations

import copy
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.audit_feed import AuditFeedReader, FeedPage
from atlaslens_forwarder.sources.confluence_audit.feed import ConfluenceAuditFeed
from atlaslens_forwarder.sources.source import Page
from atlaslens_forwarder.sources.time_step import FeedRow

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from atlaslens_forwarder.sources.time_step import FeedRequest

FROM_MS, TO_MS = 100, 130
MOST_REQUESTS = 400


@dataclass(frozen=True)
class Entry:
    """A row on the server: ``at_ms`` is where the server sorts it, readable by us or not."""

    at_ms: int
    content: int
    readable: bool = True

    def row(self) -> dict[str, object]:
        author = {"type": "user", "accountId": "a1", "displayName": "Ada"}
        return {
            "author": author,
            "summary": str(self.content),
            "creationDate": self.at_ms if self.readable else "?",
        }


@dataclass
class MovingFeed:
    """A server whose pages shrink and whose log grows between two requests."""

    entries: list[Entry]
    limits: list[int]
    arrivals: list[list[Entry]]
    strict_from: bool
    """As Jira: an interval of one millisecond is empty, and only an empty page proves the end."""
    requests: int = 0
    identity_of: ConfluenceAuditFeed = field(default_factory=lambda: ConfluenceAuditFeed(None))  # type: ignore[arg-type]

    async def prove_access(self) -> None:
        """Nobody asks."""

    async def fetch(self, request: FeedRequest) -> FeedPage:
        from_ms = request.from_ms
        if self.strict_from and from_ms == request.to_ms:
            from_ms -= 1
        limit = self.limits[self.requests % len(self.limits)]
        # Stable: of one millisecond, what arrives later stands below.
        found = sorted(
            (entry for entry in self.entries if from_ms <= entry.at_ms <= request.to_ms),
            key=lambda entry: -entry.at_ms,
        )
        if self.strict_from and from_ms == request.to_ms:
            found = []
        page = found[request.offset : request.offset + limit]
        if self.requests < len(self.arrivals):
            self.entries += self.arrivals[self.requests]
        self.requests += 1
        assert self.requests < MOST_REQUESTS, "paging does not end"
        rows = [FeedRow(entry.at_ms if entry.readable else None, entry.row()) for entry in page]
        end = not page if self.strict_from else len(page) < limit
        return FeedPage(rows, at_end=end)

    def identity(self, row: dict[str, object], seen: Counter[str]) -> str:
        return self.identity_of.identity(row, seen)  # type: ignore[arg-type]


def drained(pages: AsyncGenerator[Page]) -> Iterator[Page]:
    """The pages of a reader whose feed never waits, without an event loop."""
    while True:
        try:
            pages.__anext__().send(None)
        except StopIteration as page:
            yield page.value
        except StopAsyncIteration:
            return


def read(feed: MovingFeed, from_ms: int = FROM_MS, to_ms: int = TO_MS) -> list[RawRow]:
    rows: list[RawRow] = []
    for page in drained(AuditFeedReader(feed).pages(Window(from_ms, to_ms, Purpose.POLL))):
        assert page.received == len(page.rows) + page.without_event.total()
        rows += page.rows
    return rows


def timed(rows: list[RawRow]) -> Counter[tuple[int | None, str]]:
    return Counter((row.at_ms, row.identity) for row in rows if row.at_ms is not None)


def truth(entries: list[Entry], from_ms: int = FROM_MS, to_ms: int = TO_MS) -> set[tuple[int, str]]:
    """The identities of readable rows, counted per millisecond by ourselves."""
    feed, seen = ConfluenceAuditFeed(None), {}  # type: ignore[arg-type]
    return {
        (entry.at_ms, feed.identity(entry.row(), seen.setdefault(entry.at_ms, Counter())))  # type: ignore[arg-type]
        for entry in entries
        if entry.readable and from_ms <= entry.at_ms <= to_ms
    }


BURSTY = st.sampled_from([100, 100, 101, 107, 107, 107, 107, 108, 119, 130, 130]) | st.integers(95, 135)
ENTRIES = st.lists(st.builds(Entry, BURSTY, st.integers(0, 2)), max_size=45)
WITH_UNREADABLE = st.lists(
    st.builds(Entry, BURSTY, st.integers(0, 2), st.sampled_from([True, True, True, False])), max_size=45
)
LIMITS = st.lists(st.integers(1, 12), min_size=1, max_size=4)
ARRIVALS = st.lists(
    st.lists(st.builds(Entry, st.integers(95, 150), st.integers(0, 3)), max_size=3), max_size=30
)


@given(WITH_UNREADABLE, LIMITS, ARRIVALS, st.booleans())
@settings(deadline=None, max_examples=400)
def test_every_row_is_taken_once_while_rows_arrive_and_pages_shrink(entries, limits, arrivals, strict_from):
    feed = MovingFeed(list(entries), limits, arrivals, strict_from)

    found = read(feed)

    counts = timed(found)
    assert truth(entries) <= counts.keys(), "rows were lost"
    assert counts.keys() <= truth(feed.entries), "twins were made up"
    assert set(counts.values()) <= {1}, "rows were taken twice"


@given(WITH_UNREADABLE, LIMITS, st.booleans())
@settings(deadline=None, max_examples=200)
def test_rows_with_an_unreadable_time_are_never_lost(entries, limits, strict_from):
    found = read(MovingFeed(list(entries), limits, [], strict_from))

    wanted = {str(e.content) for e in entries if not e.readable and FROM_MS <= e.at_ms <= TO_MS}
    assert wanted <= {str(row.data["summary"]) for row in found if row.at_ms is None}


@given(ENTRIES, LIMITS, LIMITS, st.integers(FROM_MS, TO_MS), st.integers(FROM_MS, TO_MS), st.booleans())
@settings(deadline=None, max_examples=200)
def test_any_part_read_again_gives_the_same_identities(  # noqa: PLR0917  hypothesis passes them all
    entries, limits, others, one_ms, other_ms, strict_from
):
    from_ms, to_ms = sorted((one_ms, other_ms))
    whole = timed(read(MovingFeed(list(entries), limits, [], strict_from)))

    part = timed(read(MovingFeed(list(entries), others, [], strict_from), from_ms, to_ms))

    assert part == Counter({key: 1 for key in whole if from_ms <= (key[0] or 0) <= to_ms})


@given(ENTRIES, LIMITS, st.booleans(), st.integers(0, 20))
@settings(deadline=None, max_examples=200)
def test_what_a_page_says_is_delivered_was_taken_whole(entries, limits, strict_from, broken_off_after):
    feed = MovingFeed(list(entries), limits, [], strict_from)
    rows: list[RawRow] = []
    delivered = Intervals()
    for number, page in enumerate(drained(AuditFeedReader(feed).pages(Window(FROM_MS, TO_MS, Purpose.POLL)))):
        rows += page.rows
        delivered = delivered if page.delivered is None else delivered.add(*page.delivered)
        if number == broken_off_after:
            break
    else:
        assert delivered == Intervals.of([(FROM_MS, TO_MS)])

    for from_ms, to_ms in delivered:
        assert {key for key in timed(rows) if from_ms <= key[0] <= to_ms} == truth(entries, from_ms, to_ms)


@given(ENTRIES, LIMITS)
@settings(deadline=None)
def test_true_twins_survive(entries, limits):
    doubled = [entry for entry in entries for _ in range(2)]

    found = read(MovingFeed(doubled, limits, [], strict_from=False))

    assert len(timed(found)) == sum(FROM_MS <= entry.at_ms <= TO_MS for entry in doubled)


@given(st.builds(Entry, BURSTY, st.integers(0, 2)), st.text(), st.booleans(), st.text())
@settings(deadline=None)
def test_a_rename_changes_no_identity(entry, name, external, kind):
    feed = ConfluenceAuditFeed(None)  # type: ignore[arg-type]
    row = entry.row()
    renamed = copy.deepcopy(row)
    renamed["author"] |= {  # type: ignore[operator]
        "displayName": name,
        "publicName": name,
        "isExternalCollaborator": external,
        "accountType": kind,
        "type": kind,
    }

    assert feed.identity(row, Counter()) == feed.identity(renamed, Counter())  # type: ignore[arg-type]
