"""Asks OpenSearch what the rules find in a stretch of time. Reads only."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.detections.fields import first_of, values_of
from atlaslens_forwarder.detections.finding import Finding, Seen, crossings
from atlaslens_forwarder.detections.query import compile_query
from atlaslens_forwarder.detections.rule import LookBack, Past, Rule, Scope, Threshold
from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import EVENTS_ALIAS, PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.detections.fields import Field
    from atlaslens_forwarder.model.json import JsonObject

    History = Callable[[Seen, int], Awaitable[bool]]
    """Whether the time from so many milliseconds before an event up to it was read."""

INDICES: Final = {Scope.AUDIT: f"{PREFIX}-{Family.AUDIT.value}-*", Scope.EVERYTHING: EVENTS_ALIAS}
_PAGE: Final = 500
_SEARCHES: Final = 20
"""Searches in one request."""
_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}
_LEFT_OUT: Final = ["event.original", "event.hash"]
_SORT: Final = [{"@timestamp": "asc"}, {"event.id": "asc"}]


@dataclass(frozen=True, slots=True)
class Stretch:
    """Events to look at, by when they were stored (alerting) or happened (replay); both ends count."""

    from_ms: int
    to_ms: int
    by: str = "event.ingested"
    backfilled: bool = False
    """Also what the first backfill brought, on which nobody wants to be woken."""

    def query(self) -> list[JsonObject]:
        """The filters."""
        span: JsonObject = {"gte": iso_ms(self.from_ms), "lte": iso_ms(self.to_ms)}
        found: list[JsonObject] = [{"range": {self.by: span}}]
        if not self.backfilled:
            found.append({"bool": {"must_not": [{"term": {"atlassian.backfilled": True}}]}})
        return found


class Detector:
    """Finds what rules look for.

    Args:
        client: the store.
        fields: the fields of events.
        indices: where the events of each scope are.
        only: a further filter on every query.
        history: whether the time before an event was read, for rules that look back; without it they would
            take everybody for new while the first backfill is still running.
    """

    def __init__(
        self,
        client: AsyncOpenSearch,
        fields: Mapping[str, Field],
        *,
        indices: Mapping[Scope, str] = INDICES,
        only: Sequence[JsonObject] = (),
        history: History | None = None,
    ) -> None:
        self._client = client
        self._fields = fields
        self._indices = indices
        self._only = list(only)
        self._history = history
        self.without_history = 0
        """Events that a look-back rule could not judge, since the time before them is not read."""

    async def refresh(self) -> None:
        """Make what is stored visible.

        Raises:
            StoreError: OpenSearch failed to.
        """
        with store_errors("refresh the events"):
            await self._client.indices.refresh(index=",".join(self._indices.values()), params=_LENIENT)

    async def find(self, rules: Sequence[Rule], stretch: Stretch) -> list[Finding]:
        """What each rule finds, ordered by time.

        Raises:
            StoreError: the events cannot be searched.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        bodies = [(self._indices[rule.scope], self._body(rule, stretch)) for rule in rules]
        found: list[Finding] = []
        for rule, (index, body), first in zip(rules, bodies, await self._search(bodies), strict=True):
            events = await self._rest(index, body, first)
            found += await self._judge(rule, events)
        return sorted(found, key=lambda finding: (finding.event.at_ms, finding.rule.name))

    def _body(self, rule: Rule, stretch: Stretch) -> dict[str, Any]:
        node = compile_query(rule.node, self._fields)
        filters = [node, *stretch.query(), *self._only]
        return {
            "query": {"bool": {"filter": filters}},
            "size": _PAGE,
            "sort": list(_SORT),
            "_source": {"excludes": list(_LEFT_OUT)},
        }

    async def _judge(self, rule: Rule, events: list[Seen]) -> list[Finding]:
        match rule.when:
            case None:
                return [Finding(rule, event, (event,)) for event in events]
            case Threshold():
                return await self._bursts(rule, rule.when, events)
            case LookBack():
                return await self._strangers(rule, rule.when, events)

    async def _bursts(self, rule: Rule, when: Threshold, events: list[Seen]) -> list[Finding]:
        """Crossings of the threshold near new events, counted over all that happened around them.

        Two timespans before the first new event are read, so that whether the count was above the threshold
        already is known exactly, whichever part of a burst is new.
        """
        groups: dict[tuple[str, ...], list[Seen]] = defaultdict(list)
        for event in events:
            for key in _keys(event, when.group_by):
                groups[key].append(event)
        found: list[Finding] = []
        for key, new in groups.items():
            first_ms, last_ms = new[0].at_ms - 2 * when.timespan_ms, new[-1].at_ms + when.timespan_ms
            around = Stretch(first_ms, last_ms, by="@timestamp", backfilled=True)
            body = self._body(rule, around)
            body["query"]["bool"]["filter"] += _terms(when.group_by, key)
            index = self._indices[rule.scope]
            (answer,) = await self._search([(index, body)])
            all_events = await self._rest(index, body, answer)
            fresh = {event.id for event in new}
            found += [
                Finding(rule, event, inside, key)
                for event, inside in crossings(when, all_events)
                if any(each.id in fresh for each in inside)
            ]
        return found

    async def _strangers(self, rule: Rule, when: LookBack, events: list[Seen]) -> list[Finding]:
        found: list[Finding] = []
        for begin in range(0, len(events), _SEARCHES):
            asked: list[tuple[Seen, tuple[str, ...]]] = []
            for event in events[begin : begin + _SEARCHES]:
                if self._history is not None and not await self._history(event, when.period_ms):
                    self.without_history += 1
                    continue
                asked += [(event, key) for key in _keys(event, when.by)]
            searches = [self._past(rule, when, event, key) for event, key in asked]
            answers = await self._search(searches)
            for (event, key), answer in zip(asked, answers, strict=True):
                counts = {name: part["doc_count"] for name, part in answer["aggregations"].items()}
                if not counts["lately"] and (when.past is Past.FIRST_TIME or counts["before"]):
                    found.append(Finding(rule, event, (event,), key))
        return found

    def _past(
        self, rule: Rule, when: LookBack, event: Seen, key: tuple[str, ...]
    ) -> tuple[str, dict[str, Any]]:
        """How often the like was there lately, and before."""
        first_ms = event.at_ms - when.period_ms
        lately_ms = event.at_ms - (when.quiet_ms or when.period_ms)
        filters: list[JsonObject] = [*_terms(when.by, key), *self._only]
        if when.past is Past.FIRST_TIME:
            filters.append(compile_query(rule.node, self._fields))
        index = self._indices[Scope.EVERYTHING if when.past is Past.DORMANT else rule.scope]
        at = iso_ms(event.at_ms)
        # Of several in one millisecond the one with the least id counts as the first.
        earlier: JsonObject = {
            "bool": {
                "should": [
                    {"range": {"@timestamp": {"lt": at}}},
                    {
                        "bool": {
                            "filter": [
                                {"term": {"@timestamp": at}},
                                {"range": {"event.id": {"lt": event.id}}},
                            ]
                        }
                    },
                ],
                "minimum_should_match": 1,
            }
        }
        filters += [earlier, {"range": {"@timestamp": {"gte": iso_ms(first_ms)}}}]
        return index, {
            "size": 0,
            "query": {"bool": {"filter": filters}},
            "aggs": {
                "lately": {"filter": {"range": {"@timestamp": {"gte": iso_ms(lately_ms)}}}},
                "before": {"filter": {"range": {"@timestamp": {"lt": iso_ms(lately_ms)}}}},
            },
        }

    async def _rest(self, index: str, body: dict[str, Any], answer: dict[str, Any]) -> list[Seen]:
        """The first page and all others."""
        hits = answer["hits"]["hits"]
        events = [_seen(hit) for hit in hits]
        while len(hits) == _PAGE:
            (answer,) = await self._search([(index, {**body, "search_after": hits[-1]["sort"]})])
            hits = answer["hits"]["hits"]
            events += [_seen(hit) for hit in hits]
        return events

    async def _search(self, searches: Sequence[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        for begin in range(0, len(searches), _SEARCHES):
            lines: list[dict[str, Any]] = []
            for index, body in searches[begin : begin + _SEARCHES]:
                lines += [{"index": index, "ignore_unavailable": True, "allow_no_indices": True}, body]
            with store_errors("search for what rules look for"):
                answer = await self._client.msearch(body=lines)
            for part in answer["responses"]:
                if "error" in part or part["timed_out"] or part["_shards"]["failed"]:
                    kind = part["error"].get("type", "") if "error" in part else "incomplete"
                    raise StoreError(f"OpenSearch did not answer a rule's query ({kind})", hint="see its log")
            found += answer["responses"]
        return found


def _seen(hit: dict[str, Any]) -> Seen:
    source: JsonObject = hit["_source"]
    return Seen(first_of(source, "event.id"), parse_iso_ms(first_of(source, "@timestamp")), source)


def _keys(event: Seen, fields: Sequence[str]) -> list[tuple[str, ...]]:
    """The group an event belongs to; none if a field is absent. Of several values the first counts."""
    values = [values_of(event.source, field) for field in fields]
    return [tuple(str(part[0]) for part in values)] if all(values) else []


def _terms(fields: Sequence[str], key: Sequence[str]) -> list[JsonObject]:
    return [{"term": {field: value}} for field, value in zip(fields, key, strict=True)]
