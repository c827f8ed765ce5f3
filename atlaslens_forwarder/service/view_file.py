"""Views as one HTML file."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.asking import expand
from atlaslens_forwarder.service.view_data import filled, names_of, search
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.model import Index
from atlaslens_forwarder.views.queries import Filters, filter_clauses
from atlaslens_forwarder.views.render.page import page

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.views.shown import Facts, ShownView

_MODE = 0o640  # it shows personal data: a new page is never readable by everyone


TIMELINE_MS: Final = 30 * DAY_MS
"""Short, so that there is a time before it to tell what is unusual."""


async def write_all_views(
    store: Store, file: Path, filters: Filters, *, retention_days: int, clock: Callable[[], int]
) -> None:
    """Write all views of a stretch of time; the timeline is that of the busiest person in its last 30 days.

    Raises:
        ConfigError: the file cannot be written.
        StoreError: OpenSearch is not set up, or failed.
        UnreachableError: OpenSearch does not answer.
    """
    person = await _busiest(store, filters)
    shown: list[ShownView] = []
    facts = None
    for view in VIEWS:
        narrowed, told = filters, view
        if view.one_person and person:
            people, _ = await expand(store.people, [person], [])
            from_ms = max(filters.from_ms, filters.to_ms - TIMELINE_MS)
            narrowed = replace(filters, from_ms=from_ms, people=people)
            named = f"Here: {(await names_of(store)).get(person, person)}, the busiest, in the last 30 days."
            told = replace(view, description=f"{view.description} {named}")
        view_facts, views = await filled(
            store, [told], narrowed, asked=(), retention_days=retention_days, tool_version=__version__,
            clock=clock,
        )  # fmt: skip
        facts = facts or view_facts
        shown += views
    if facts is not None:
        await asyncio.to_thread(write_page, file, facts, shown)


async def _busiest(store: Store, filters: Filters) -> str:
    """The account id of the person with most events, empty without any."""
    clauses = [*filter_clauses(Index.EVENTS, filters), {"term": {"atlassian.actor_kind": "person"}}]
    aggs = {"people": {"terms": {"field": "user.id", "size": 1}}}
    answer = await search(
        store, Index.EVENTS, {"size": 0, "query": {"bool": {"filter": clauses}}, "aggs": aggs}
    )
    buckets = [] if answer is None else answer["aggregations"]["people"]["buckets"]
    return str(buckets[0]["key"]) if buckets else ""


def write_page(file: Path, facts: Facts, shown: Sequence[ShownView]) -> None:
    """Write the HTML page.

    Raises:
        ConfigError: the file cannot be written.
    """
    try:
        file.touch(_MODE)
        file.write_text(page(facts, shown), encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"cannot write {file}", hint=error.strerror or "choose another file") from error
