"""Saved objects hold together: references, fields, JSON in texts, ids, the grid; the files are up to date."""

from __future__ import annotations

import json
import re
from itertools import combinations
from pathlib import Path

import pytest

from atlaslens_forwarder.evidence.filters import USER_PATHS
from atlaslens_forwarder.gaps.static import STATIC_GAPS
from atlaslens_forwarder.service.saved_views import view_mappings, write_saved_views
from atlaslens_forwarder.views.conditions import fields
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.model import SCRIPTS, Told, ToldPanel
from atlaslens_forwarder.views.saved_objects.bundle import Known, all_objects, bundles, file_bytes
from atlaslens_forwarder.views.saved_objects.fields import index_pattern_fields
from atlaslens_forwarder.views.saved_objects.panels import not_collected
from atlaslens_forwarder.views.saved_objects.patterns import pattern_id

FOLDER = Path(__file__).resolve().parents[4] / "dashboards"
TEXTS = ("visState", "uiStateJSON", "panelsJSON", "optionsJSON", "fields", "fieldFormatMap")
MAPPINGS = view_mappings()
OBJECTS = all_objects(MAPPINGS)
DASHBOARDS = [one for one in OBJECTS if one["type"] == "dashboard"]
PICTURES = [one for one in OBJECTS if one["type"] == "visualization"]
SEARCHES = [one for one in OBJECTS if one["type"] == "search"]
FIELDS = {
    pattern_id(index): {
        **{str(spec["name"]): spec for spec in index_pattern_fields(*mappings)},
        **{part.value: {"aggregatable": True, "type": "number"} for part in SCRIPTS},
    }
    for index, mappings in MAPPINGS.items()
}


def state(one):
    return json.loads(one["attributes"]["visState"])


def source(one):
    return json.loads(one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"])


def pattern(one):
    """The fields of the index pattern that an object looks through."""
    (ref,) = [ref for ref in one["references"] if ref["type"] == "index-pattern"]
    return FIELDS[ref["id"]]


def by_id(objects):
    return pytest.mark.parametrize("one", objects, ids=[one["id"] for one in objects])


def test_the_files_are_those_that_the_definitions_give(tmp_path):
    write_saved_views(tmp_path)

    there = {file.name: file.read_bytes() for file in FOLDER.iterdir()}
    assert there == {file.name: file.read_bytes() for file in tmp_path.iterdir()}, "run: make dashboards"


def test_there_is_one_file_for_each_view_and_one_for_what_they_share():
    assert [*bundles(MAPPINGS)] == [
        "atlaslens-common.ndjson",
        *(f"atlaslens-{view.id}.ndjson" for view in VIEWS),
    ]


def test_a_file_that_no_view_stands_behind_is_removed(tmp_path):
    (tmp_path / "atlaslens-gone.ndjson").write_text("{}\n")

    write_saved_views(tmp_path)

    assert not (tmp_path / "atlaslens-gone.ndjson").exists()


def test_the_same_definitions_give_the_same_bytes():
    assert file_bytes(all_objects(MAPPINGS)) == file_bytes(OBJECTS)


def test_ids_are_slugs_and_each_object_has_its_own():
    keys = [(one["type"], one["id"]) for one in OBJECTS]

    assert len(set(keys)) == len(keys)
    assert [name for _, name in keys if not re.fullmatch(r"atlaslens-[a-z0-9-]+", name)] == []


def test_titles_are_distinct_within_a_type_but_for_panels_of_one_name():
    dashboards = [one["attributes"]["title"] for one in DASHBOARDS]

    assert len(set(dashboards)) == len(dashboards) == len(VIEWS)


def test_every_reference_leads_to_an_object_before_it():
    seen, broken = set(), []
    for one in OBJECTS:
        broken += [ref for ref in one["references"] if (ref["type"], ref["id"]) not in seen]
        seen.add((one["type"], one["id"]))

    assert broken == []


@by_id(OBJECTS)
def test_json_in_texts_is_valid_and_names_only_references_that_are_there(one):
    for name in TEXTS:
        if name in one["attributes"]:
            json.loads(one["attributes"][name])
    named = set(re.findall(r'RefName\\*":\s*\\*"([^"\\]+)', json.dumps(one)))

    assert named == {ref["name"] for ref in one["references"]}


@by_id(OBJECTS)
def test_nothing_of_a_server_is_in_an_object(one):
    assert set(one) == {"type", "id", "attributes", "references", "migrationVersion"}
    assert [*one["migrationVersion"]] == [one["type"]]


@by_id([one for one in PICTURES if state(one)["aggs"]])
def test_every_aggregation_is_over_a_field_by_which_can_be_grouped(one):
    known = pattern(one)
    for aggregation in state(one)["aggs"]:
        field = aggregation["params"].get("field")
        if field is None:
            assert aggregation["type"] == "count"
        else:
            assert known[field]["aggregatable"] is True


@by_id([one for one in PICTURES if state(one)["aggs"]])
def test_buckets_are_ordered_by_a_metric_that_is_a_number(one):
    kinds = {aggregation["id"]: aggregation["type"] for aggregation in state(one)["aggs"]}
    orders = [
        aggregation["params"]["orderBy"]
        for aggregation in state(one)["aggs"]
        if aggregation["type"] == "terms"
    ]

    assert [kinds[order] for order in orders if kinds[order] in {"top_hits", "percentiles", "terms"}] == []


@by_id(SEARCHES)
def test_every_column_is_a_field(one):
    assert [name for name in one["attributes"]["columns"] if name not in pattern(one)] == []


@pytest.mark.parametrize("view", VIEWS, ids=[view.id for view in VIEWS])
def test_every_condition_is_over_a_field_that_can_be_searched(view):
    for shown in (*view.panels, *view.searches):
        for condition in shown.where:
            for field in fields(condition):
                assert FIELDS[pattern_id(shown.index)][field]["searchable"] is True


@by_id(DASHBOARDS)
def test_panels_fill_the_grid_without_covering_each_other(one):
    places = [panel["gridData"] for panel in json.loads(one["attributes"]["panelsJSON"])]

    assert all(place["x"] >= 0 and place["x"] + place["w"] <= 48 for place in places)
    for left, right in combinations(places, 2):
        apart = (
            left["x"] + left["w"] <= right["x"]
            or right["x"] + right["w"] <= left["x"]
            or left["y"] + left["h"] <= right["y"]
            or right["y"] + right["h"] <= left["y"]
        )
        assert apart


@pytest.mark.parametrize("view", VIEWS, ids=[view.id for view in VIEWS])
def test_a_dashboard_has_every_panel_of_its_view_and_what_explains_it(view):
    (one,) = [one for one in DASHBOARDS if one["id"] == f"atlaslens-{view.id}"]
    shown = [ref["id"] for ref in one["references"] if ref["name"].startswith("panel_")]

    assert shown[2:] == [f"atlaslens-{panel.id}" for panel in view.panels]
    described = {each["id"]: each["attributes"]["description"] for each in (*PICTURES, *SEARCHES)}
    assert [name for name in shown if not described[name]] == []


def test_dashboards_keep_their_time_and_never_refresh_by_themselves():
    for one in DASHBOARDS:
        assert one["attributes"]["timeRestore"] is True
        assert one["attributes"]["refreshInterval"]["pause"] is True


def test_what_is_not_collected_is_told_whole():
    text = not_collected(())

    assert [gap.id for gap in STATIC_GAPS if gap.what not in text or gap.closes not in text] == []


def test_a_text_of_gaps_names_no_other_products_than_asked():
    text = not_collected(("jira",))

    assert {line.split("|")[1].strip() for line in text.splitlines()[4:]} == {"all", "jira"}


def test_every_panel_on_gaps_has_a_text():
    panels = {panel.id: panel for view in VIEWS for panel in view.panels if isinstance(panel, ToldPanel)}
    texts = {one["id"]: state(one)["params"] for one in PICTURES if state(one)["type"] == "markdown"}

    for name, panel in panels.items():
        assert texts[f"atlaslens-{name}"]["markdown"]
        if panel.told is Told.NOT_COLLECTED:
            assert "not" in texts[f"atlaslens-{name}"]["markdown"].lower()


def test_filters_of_people_are_switched_off_and_look_at_every_field_with_people():
    shipped = [each for one in DASHBOARDS for each in source(one)["filter"]]

    assert shipped
    for each in shipped:
        assert each["meta"]["disabled"] is True
        lookups = [clause["terms"] for clause in each["query"]["bool"]["should"]]
        assert [path for lookup in lookups for path in lookup] == [*USER_PATHS]
        assert all(path in FIELDS["atlaslens-events"] for path in USER_PATHS)


def test_controls_are_over_fields_by_which_can_be_grouped():
    for one in PICTURES:
        if state(one)["type"] == "input_control_vis":
            ids = {ref["id"] for ref in one["references"]}
            (name,) = ids
            for control in state(one)["params"]["controls"]:
                assert FIELDS[name][control["fieldName"]]["aggregatable"] is True


def test_people_are_shown_by_name_where_the_store_knows_them_and_stay_ids_in_the_files():
    known = Known({"712020:a": "Ada"}, {"group:11-AA": "admins"})
    objects = {(one["type"], one["id"]): one for one in all_objects(MAPPINGS, known)}

    formats = json.loads(objects["index-pattern", "atlaslens-events"]["attributes"]["fieldFormatMap"])
    assert formats["user.id"]["params"]["lookupEntries"] == [{"key": "712020:a", "value": "Ada"}]
    saved = objects["query", "atlaslens-group-11-aa"]
    (narrowed,) = saved["attributes"]["filters"]
    assert narrowed["meta"]["disabled"] is False
    assert narrowed["query"]["bool"]["should"][0]["terms"]["user.id"]["id"] == "group:11-AA"
    assert "query" not in {one["type"] for one in OBJECTS}
