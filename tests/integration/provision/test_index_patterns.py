"""Index patterns say of each field what OpenSearch itself says of it; filters are queries that it takes."""

from __future__ import annotations

import json

import pytest

from atlaslens_forwarder.service.saved_views import view_mappings
from atlaslens_forwarder.views.model import Index
from atlaslens_forwarder.views.saved_objects.controls import lookup_query
from atlaslens_forwarder.views.saved_objects.patterns import index_patterns


@pytest.mark.parametrize("index", Index)
async def test_fields_are_those_of_the_store(store, index):
    patterns = {one["attributes"]["title"]: one for one in index_patterns(view_mappings(), {})}
    told = {
        field["name"]: (field["esTypes"], field["searchable"], field["aggregatable"])
        for field in json.loads(patterns[index.pattern]["attributes"]["fields"])
        if not field["name"].startswith("_") and not field["scripted"] and field["type"] != "unknown"
    }

    answer = await store.field_caps(index=index.pattern, params={"fields": "*"})
    there = {}
    for name, kinds in answer["fields"].items():
        ((kind, caps),) = kinds.items()
        if kind not in {"object", "flat_object"} and not name.startswith(("_", "window.rows_without_event")):
            there[name] = ([kind], caps["searchable"], caps["aggregatable"])

    assert told == there


async def test_the_filters_of_people_and_groups_are_valid(store):
    for key in ("person:nobody", "group:none"):
        answer = await store.count(index="atlaslens-events", body={"query": lookup_query(key)})
        assert answer["count"] == 0
