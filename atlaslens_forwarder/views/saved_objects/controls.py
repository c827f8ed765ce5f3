"""What narrows a whole dashboard: lists to pick from, and filters that ask ``atlaslens-lookup``. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.evidence.filters import USER_PATHS
from atlaslens_forwarder.views.model import Index
from atlaslens_forwarder.views.saved_objects.objects import reference, visualization
from atlaslens_forwarder.views.saved_objects.patterns import pattern_id

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

LOOKUP_INDEX: Final = "atlaslens-lookup"
LISTS: Final[dict[Index, tuple[tuple[str, str, str], ...]]] = {
    Index.EVENTS: (
        ("product", "Product", "atlassian.product"),
        ("person", "Person (who acted)", "user.id"),
        ("group", "Group (at that time)", "user.group.name"),
        ("action", "Action", "event.action"),
        ("object", "Object", "atlassian.object.name"),
        ("area", "Area", "atlassian.object.container"),
    ),
    Index.WINDOWS: (
        ("site", "Site", "window.site"),
        ("source", "Source", "window.source"),
    ),
}
"""By the index that a dashboard is about: short name, label and field of each list."""
CHOICES: Final = 100
"""Offered at once; typing finds the others."""
LOOKUPS: Final = (
    ("person", "Person by all ids (edit)", "person:ACCOUNT-ID"),
    ("group", "Members of a group (edit)", "group:GROUP-ID"),
)
"""Short name, text on the dashboard and key in ``atlaslens-lookup`` of each filter; they are switched off."""


def controls(object_id: str, title: str, index: Index) -> JsonObject:
    """The panel with lists to pick from."""
    lists: list[JsonValue] = []
    references = []
    for number, (name, label, field) in enumerate(LISTS[index]):
        lists.append(
            {
                "id": name,
                "fieldName": field,
                "parent": "",
                "label": label,
                "type": "list",
                "options": {
                    "type": "terms",
                    "multiselect": True,
                    "dynamicOptions": True,
                    "size": CHOICES,
                    "order": "desc",
                },
                "indexPatternRefName": f"control_{number}_index_pattern",
            }
        )
        references.append(reference(f"control_{number}_index_pattern", "index-pattern", pattern_id(index)))
    return visualization(
        object_id,
        title,
        "Narrows all panels of the dashboard. What is picked here stands below as filters too.",
        kind="input_control_vis",
        aggregations=[],
        params={
            "controls": lists,
            "updateFiltersOnChange": True,
            "useTimeFilter": True,
            "pinFilters": False,
        },
        references=references,
    )


def lookup_filters(index: Index) -> tuple[list[JsonValue], list[JsonObject]]:
    """Filters by a person's ids and a group's members as known now, switched off, with their references.

    Whoever uses one puts the key of a document of ``atlaslens-lookup`` into it. They look at every field that
    may hold somebody, as the exports do.
    """
    if index is not Index.EVENTS:
        return [], []
    listed: list[JsonValue] = []
    references = []
    for number, (_, text, key) in enumerate(LOOKUPS):
        name = f"kibanaSavedObjectMeta.searchSourceJSON.filter[{number}].meta.index"
        references.append(reference(name, "index-pattern", pattern_id(index)))
        listed.append(_filter(text, key, disabled=True, indexRefName=name))
    return listed, references


def group_query(key: str, name: str) -> JsonObject:
    """A saved query that narrows any dashboard to the members of a group as they are known now."""
    text = f"Members of {name}"
    attributes: JsonObject = {
        "title": text,
        "description": "Events that name a member of the group, as the group is known now.",
        "query": {"query": "", "language": "kuery"},
        "filters": [_filter(text, key, disabled=False, index=pattern_id(Index.EVENTS))],
    }
    return {
        "type": "query",
        "id": f"atlaslens-{re.sub('[^a-z0-9]+', '-', key.lower())}",
        "attributes": attributes,
        "references": [],
        "migrationVersion": {},
    }


def _filter(text: str, key: str, *, disabled: bool, **where: JsonValue) -> JsonObject:
    return {
        "meta": {
            "alias": text,
            "disabled": disabled,
            "negate": False,
            "type": "custom",
            "key": "query",
            "value": key,
            **where,
        },
        "query": lookup_query(key),
        "$state": {"store": "appState"},
    }


def lookup_query(key: str) -> JsonObject:
    """Documents that name one of the ids under this key of ``atlaslens-lookup``."""
    anywhere: list[JsonValue] = [
        {"terms": {path: {"index": LOOKUP_INDEX, "id": key, "path": "ids"}}} for path in USER_PATHS
    ]
    return {"bool": {"should": anywhere, "minimum_should_match": 1}}
