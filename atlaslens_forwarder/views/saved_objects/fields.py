"""The ``fields`` of an index pattern, from the mapping of its indices. Pure.

Without them the first viewer's browser would ask for the fields and write the index pattern anew, which a
read-only user may not do. The form is that of OpenSearch Dashboards 3.3,
``src/plugins/data/server/index_patterns/fetcher/lib/field_capabilities``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_DASHBOARDS_TYPES = {
    "keyword": "string",
    "match_only_text": "string",
    "text": "string",
    "wildcard": "string",
    "date": "date",
    "long": "number",
    "integer": "number",
    "double": "number",
    "float": "number",
    "boolean": "boolean",
    "ip": "ip",
}
_WITHOUT_DOC_VALUES = frozenset({"match_only_text", "text", "flat_object"})
_META_FIELDS = (
    ("_id", "string", True),
    ("_index", "string", True),
    ("_score", "number", False),
    ("_source", "_source", False),
    ("_type", "string", False),
)
"""What every document has: name, type in Dashboards, whether it can be searched and grouped."""


def index_pattern_fields(*mappings: JsonObject) -> list[JsonObject]:
    """Every field of these mappings once, with those that all documents have, by name."""
    found = {name: _meta_field(name, kind, usable=usable) for name, kind, usable in _META_FIELDS}
    for mapping in mappings:
        for spec in _fields("", mapping):
            found[str(spec["name"])] = spec
    return [found[name] for name in sorted(found)]


def aggregatable_fields(*mappings: JsonObject) -> frozenset[str]:
    """Names of the fields by which events can be grouped and sorted."""
    return frozenset(str(spec["name"]) for spec in index_pattern_fields(*mappings) if spec["aggregatable"])


def _fields(prefix: str, mapping: JsonObject) -> Iterator[JsonObject]:
    properties = mapping.get("properties")
    for name, value in (properties if isinstance(properties, dict) else {}).items():
        if not isinstance(value, dict):
            continue
        path = f"{prefix}{name}"
        if "properties" in value:
            yield from _fields(f"{path}.", value)
        else:
            yield _field(path, value)
            variants = value.get("fields")
            for variant, inner in (variants if isinstance(variants, dict) else {}).items():
                if isinstance(inner, dict):
                    multi: JsonValue = {"multi": {"parent": path}}
                    yield {**_field(f"{path}.{variant}", inner), "subType": multi}


def _field(name: str, mapped: JsonObject) -> JsonObject:
    kind = str(mapped.get("type", "object"))
    grouped = kind not in _WITHOUT_DOC_VALUES and mapped.get("doc_values") is not False
    return {
        "count": 0,
        "name": name,
        "type": _DASHBOARDS_TYPES.get(kind, "unknown"),
        "esTypes": [kind],
        "scripted": False,
        "searchable": mapped.get("index") is not False,
        "aggregatable": grouped,
        "readFromDocValues": grouped,
    }


def _meta_field(name: str, kind: str, *, usable: bool) -> JsonObject:
    return {
        "count": 0,
        "name": name,
        "type": kind,
        "esTypes": [name] if kind != "number" else [],
        "scripted": False,
        "searchable": usable,
        "aggregatable": usable,
        "readFromDocValues": False,
    }
