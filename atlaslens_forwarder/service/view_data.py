"""Fills views with what the store holds: one search per panel, and what is kept as state."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.coverage import remembered
from atlaslens_forwarder.service.gap_report import gaps_between
from atlaslens_forwarder.service.overview import overview
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.views import told
from atlaslens_forwarder.views.answers import content_of
from atlaslens_forwarder.views.model import OBEYS, Filter, Index, TextPanel, Told, ToldPanel
from atlaslens_forwarder.views.queries import search_of
from atlaslens_forwarder.views.shown import Facts, Figure, ShownPanel, ShownView, Words
from atlaslens_forwarder.views.unusual import NO_PERSON, before_body, now_body, unusual

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atlaslens_forwarder.service.gap_report import GapReport
    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.views.model import AnyPanel, View
    from atlaslens_forwarder.views.queries import Filters
    from atlaslens_forwarder.views.shown import Content

_LENIENT: Final = {"ignore_unavailable": "true", "allow_no_indices": "true"}


@dataclass(frozen=True, slots=True)
class _Known:
    """What all panels are filled from."""

    store: Store
    filters: Filters
    names: Mapping[str, str]
    overview: Any
    coverage: Any
    gaps: GapReport


async def filled(
    store: Store,
    views: Sequence[View],
    filters: Filters,
    *,
    asked: Sequence[tuple[str, str]],
    retention_days: int,
    tool_version: str,
    clock: Callable[[], int],
) -> tuple[Facts, tuple[ShownView, ...]]:
    """The views with their content, and what a reader must know to judge it.

    Args:
        store: the store.
        views: the views.
        filters: people and groups already expanded.
        asked: the filters as they were asked for, for the reader.
        retention_days: how long events are kept.
        tool_version: of this program.
        clock: the present, epoch milliseconds.

    Raises:
        StoreError: OpenSearch is not set up, or failed.
        UnreachableError: OpenSearch does not answer.
    """
    now_ms = clock()
    state = store.state
    known = _Known(
        store,
        filters,
        await names_of(store),
        await overview(store, retention_days, clock),
        await remembered(state, filters.from_ms, filters.to_ms, now_ms, retention_ms=retention_days * DAY_MS),
        await gaps_between(state, filters.from_ms, filters.to_ms, now_ms),
    )
    shown = [
        ShownView(view, tuple([await _shown(panel, known) for panel in _wanted(view, filters)]))
        for view in views
    ]
    facts = Facts(
        filters=filters,
        asked=tuple(asked),
        made_ms=now_ms,
        tool_version=tool_version,
        store=f"OpenSearch {store.cluster.version} ({store.cluster.name})",
        append_only=store.cluster.append_only,
        coverage=known.coverage,
        gaps=tuple(
            gap
            for gap in known.gaps.live
            if isinstance(gap, dict) and told.of_products(str(gap["connector"]), filters.products)
        ),
        unheeded=_unheeded(filters),
    )
    return facts, tuple(shown)


def _wanted(view: View, filters: Filters) -> Sequence[AnyPanel]:
    """All panels; of a view of one person, where none is chosen, only that which says so."""
    if not view.one_person or filters.people:
        return view.panels
    return [panel for panel in view.panels if isinstance(panel, ToldPanel)]


async def _shown(panel: AnyPanel, known: _Known) -> ShownPanel:
    content = await _content(panel, known)
    nothing = content is None or (isinstance(content, Figure) and not content.value)
    if (
        nothing
        and panel.sources
        and not any(
            name.partition(":")[2] in panel.sources and each["covered_share"] > 0
            for name, each in known.coverage["connectors"].items()
        )
    ):
        return ShownPanel(panel, None, panel.sources)
    return ShownPanel(panel, content)


async def search(store: Store, index: Index, body: dict[str, Any]) -> dict[str, Any] | None:
    """One search that fails rather than answer in part; None where there is no such index yet."""
    with store_errors("fill a view"):
        answer = await store.reader.search(
            index=index.pattern, body=body, params={**_LENIENT, "allow_partial_search_results": "false"}
        )
    return dict(answer) if answer["_shards"]["total"] else None


async def _content(panel: AnyPanel, known: _Known) -> Content | None:
    if isinstance(panel, TextPanel):
        return Words(panel.text)
    if isinstance(panel, ToldPanel):
        return await _told(panel, known)
    answer = await search(known.store, panel.index, search_of(panel, known.filters))
    return None if answer is None else content_of(panel, answer, known.filters, known.names)


async def _told(panel: ToldPanel, known: _Known) -> Content | None:
    products = known.filters.products
    match panel.told:
        case Told.SOURCES:
            return told.sources(known.overview, known.coverage, products)
        case Told.HOLES:
            return told.holes(known.coverage, products)
        case Told.GAPS:
            return told.gaps((gap for gap in known.gaps.live if isinstance(gap, dict)), products)
        case Told.NOT_COLLECTED:
            static = (gap for gap in known.gaps.static if isinstance(gap, dict))
            return told.not_collected(static, products or panel.products)
        case Told.UNUSUAL:
            return await _unusual(known)


async def _unusual(known: _Known) -> Content | None:
    if not known.filters.people:
        return NO_PERSON
    now = await search(known.store, Index.EVENTS, now_body(known.filters))
    if now is None:
        return None
    before = await search(known.store, Index.EVENTS, before_body(known.filters, now))
    return None if before is None else unusual(now, before)


async def names_of(store: Store) -> dict[str, str]:
    """Display names by id, as far as they are kept in clear; no sealed one is opened for a view."""
    people = (await store.people.stored()).population.people
    return {
        each: record.full_name
        for record in people
        if record.full_name
        for each in (*record.identity.ids, *record.identity.accounts)
    }


def _unheeded(filters: Filters) -> tuple[str, ...]:
    """The filters in use that windows and quarantine cannot obey."""
    used = {
        Filter.PERSON: filters.people,
        Filter.GROUP: filters.groups,
        Filter.ACTION: filters.actions,
        Filter.OBJECT: filters.objects,
    }
    return tuple(name.value for name, values in used.items() if values and name not in OBEYS[Index.WINDOWS])
