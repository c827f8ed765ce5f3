"""Definitions: every field exists, every id is one of its kind, both languages say the same."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest

from atlaslens_forwarder.normalise.actions.known import ACTION_NAMES, PRODUCTS
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.views.conditions import AllOf, AnyOf, AtLeast, Exists, Has, Like, dql, fields, has
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.model import (
    Index,
    ListPanel,
    TextPanel,
    ToldPanel,
)
from atlaslens_forwarder.views.queries import (
    OBJECT_PATHS,
    SOURCES_OF_PRODUCT,
    Filters,
    search_of,
    search_of_saved,
)
from tests.unit.normalise.templates import _flatten, event_fields, load

PAGE = Path(__file__).resolve().parents[3] / "docs" / "views.md"
PANELS = [panel for view in VIEWS for panel in view.panels]
SAVED = [search for view in VIEWS for search in view.searches]
TIME = Filters(0, 1, ("p",), ("g",), ("m",), ("jira",), ("a",), ("o",))


def known_fields(index):
    """Paths of all fields of an index."""
    if index is Index.EVENTS:
        return {*event_fields()}
    return {*_flatten(load("index", f"atlaslens-{index.value}")["template"]["mappings"]["properties"])}


def named_fields(body):
    """Every field named in a search body."""
    if isinstance(body, list):
        for each in body:
            yield from named_fields(each)
    elif isinstance(body, dict):
        for key, value in body.items():
            if key == "field" and isinstance(value, str):
                yield value
            elif (
                key in {"terms", "term", "range", "wildcard"}
                and isinstance(value, dict)
                and "field" not in value
            ):
                yield from (name for name in value if name not in {"script", "size", "order"})
            elif key == "_source":
                yield from value
            else:
                yield from named_fields(value)


@pytest.mark.parametrize("each", [*PANELS, *SAVED], ids=lambda each: each.id)
def test_every_field_exists_in_the_templates(each):
    if isinstance(each, TextPanel | ToldPanel):
        return
    make = search_of if each in PANELS else search_of_saved
    named = {*named_fields(make(each, TIME))}
    assert named
    assert named <= known_fields(each.index), named - known_fields(each.index)


def test_ids_are_stable_in_form_and_given_once():
    ids = [view.id for view in VIEWS] + [panel.id for panel in PANELS] + [search.id for search in SAVED]
    assert not [name for name, count in Counter(ids).items() if count > 1]
    for view in VIEWS:
        assert all(panel.id.startswith(f"{view.id}-") for panel in view.panels)
    assert all(search.id.startswith("search-") for search in SAVED)


def test_every_panel_explains_itself_and_fits_the_page():
    for panel in PANELS:
        assert panel.title
        assert panel.help.endswith(".")
        assert panel.empty
        assert 1 <= panel.width <= 48


def test_rows_of_panels_fill_the_width():
    for view in VIEWS:
        at = 0
        for panel in view.panels:
            at = panel.width if at + panel.width > 48 else at + panel.width
        assert at == 48, view.id


def test_every_action_and_source_that_is_named_exists():
    conditions = [each for one in [*PANELS, *SAVED] for each in one.where]

    def values(condition):
        match condition:
            case AllOf(parts) | AnyOf(parts):
                return [value for part in parts for value in values(part)]
            case Has(field, named) if field == "event.action":
                return [*named]
        return []

    assert {value for each in conditions for value in values(each)} <= {*ACTION_NAMES}
    assert {source for panel in PANELS for source in panel.sources} <= {*SOURCES}
    assert {source for names in SOURCES_OF_PRODUCT.values() for source in names} == {*SOURCES}
    assert {*SOURCES_OF_PRODUCT} == {*PRODUCTS}


def test_conditions_as_text_for_the_query_bar():
    conditions = (
        has("a", "x"),
        Has("b", ("y", 'z"'), absent=True),
        AnyOf((Exists("c"), AllOf((Like("d", "*e*"), AtLeast("f", 3))))),
        Exists("g", absent=True),
    )
    assert (
        dql(conditions) == 'a: "x" and not b: ("y" or "z\\"") and (c: * or (d: *e* and f >= 3)) and not g: *'
    )
    assert [*fields(conditions[2])] == ["c", "d", "f"]


def test_lists_carry_the_address_in_atlassian():
    for panel in PANELS:
        if isinstance(panel, ListPanel) and panel.index is Index.EVENTS:
            assert "event.url" in {column.field for column in panel.columns}, panel.id


def test_columns_over_time_stay_readable():
    for days in (1, 7, 30, 90, 365, 3650):
        filters = Filters(0, days * 86_400_000)
        assert days * 86_400_000 / filters.interval_ms <= 131


def test_objects_are_found_by_more_than_their_name():
    assert len(OBJECT_PATHS) == len(set(OBJECT_PATHS))
    assert {*OBJECT_PATHS} <= {*event_fields()}
    assert json.dumps(search_of(PANELS[0], TIME)).count('["o"]') == len(OBJECT_PATHS)


def test_the_page_tells_each_view_panel_and_search_in_one_line():
    text = PAGE.read_text(encoding="utf-8")
    for view in VIEWS:
        assert f"## {view.title}\n\n{view.description}\n" in text
        section = text.partition(f"## {view.title}\n")[2].partition("\n## ")[0]
        lines = [line for line in section.splitlines() if line.startswith("| `")]
        expected = [f"| `{panel.id}` | {panel.title} | {panel.help} |" for panel in view.panels]
        expected += [f"| `{search.id}` | {search.title} | {search.question} |" for search in view.searches]
        assert lines == expected, view.id
