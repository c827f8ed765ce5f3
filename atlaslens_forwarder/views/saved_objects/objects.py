"""The envelopes of saved objects. Pure.

``migrationVersion`` is the last migration that OpenSearch Dashboards 2.19 and 3.x know; a higher one would be
refused as of a more recent version. There is no ``version`` and no ``updated_at``: equal content is equal
bytes.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

MIGRATIONS: Final = {
    "index-pattern": "7.6.0",
    "search": "7.9.3",
    "dashboard": "7.9.3",
    "visualization": "7.10.0",
}
INDEX_REFERENCE: Final = "kibanaSavedObjectMeta.searchSourceJSON.index"


def text_of(value: JsonValue) -> str:
    """JSON in a text, as Dashboards wants it in many places."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def reference(name: str, kind: str, object_id: str) -> JsonObject:
    """A reference of a saved object to another."""
    return {"name": name, "type": kind, "id": object_id}


def search_source(query: str, *, indexed: bool, **more: JsonValue) -> JsonObject:
    """``kibanaSavedObjectMeta``: a DQL query, with a reference to an index pattern if ``indexed``."""
    source: JsonObject = {"query": {"query": query, "language": "kuery"}, "filter": [], **more}
    if indexed:
        source["indexRefName"] = INDEX_REFERENCE
    return {"searchSourceJSON": text_of(source)}


def saved_object(
    kind: str, object_id: str, attributes: JsonObject, references: Sequence[JsonObject] = ()
) -> JsonObject:
    """The whole saved object."""
    return {
        "type": kind,
        "id": object_id,
        "attributes": attributes,
        "references": [*references],
        "migrationVersion": {kind: MIGRATIONS[kind]},
    }


def visualization(
    object_id: str,
    title: str,
    description: str,
    *,
    kind: str,
    aggregations: Sequence[JsonValue],
    params: JsonObject,
    query: str = "",
    pattern: str = "",
    ui_state: JsonObject | None = None,
    references: Iterable[JsonObject] = (),
) -> JsonObject:
    """A visualization.

    Args:
        object_id: its lasting id.
        title: shown above the panel.
        description: what it counts.
        kind: ``metric``, ``histogram``, ``table`` and so on.
        aggregations: see :mod:`.aggregations`.
        params: see :mod:`.pictures`.
        query: DQL that always holds.
        pattern: id of the index pattern; none for texts and controls.
        ui_state: colours and the like.
        references: further ones.
    """
    state: JsonObject = {"title": title, "type": kind, "aggs": [*aggregations], "params": params}
    attributes: JsonObject = {
        "title": title,
        "description": description,
        "visState": text_of(state),
        "uiStateJSON": text_of(ui_state or {}),
        "version": 1,
        "kibanaSavedObjectMeta": search_source(query, indexed=bool(pattern)),
    }
    own = [reference(INDEX_REFERENCE, "index-pattern", pattern)] if pattern else []
    return saved_object("visualization", object_id, attributes, [*own, *references])


def saved_search(
    object_id: str,
    title: str,
    description: str,
    *,
    columns: Sequence[str],
    query: str,
    pattern: str,
    newest_first: bool = True,
) -> JsonObject:
    """A list of documents in the order of time."""
    sort: JsonValue = [["@timestamp", "desc" if newest_first else "asc"]]
    attributes: JsonObject = {
        "title": title,
        "description": description,
        "hits": 0,
        "columns": [*columns],
        "sort": sort,
        "version": 1,
        "kibanaSavedObjectMeta": search_source(query, indexed=True, highlightAll=True, version=True),
    }
    return saved_object(
        "search", object_id, attributes, [reference(INDEX_REFERENCE, "index-pattern", pattern)]
    )


def index_pattern(
    object_id: str, title: str, *, fields: Sequence[JsonObject], formats: JsonObject
) -> JsonObject:
    """An index pattern over indices with ``@timestamp``."""
    attributes: JsonObject = {
        "title": title,
        "timeFieldName": "@timestamp",
        "fields": text_of([*fields]),
        "fieldFormatMap": text_of(formats),
    }
    return saved_object("index-pattern", object_id, attributes)
