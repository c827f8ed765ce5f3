"""The component templates of events, read for comparison."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

FOLDER = Path(__file__).resolve().parents[3] / "index_templates"


def load(kind: str, name: str) -> JsonObject:
    """``index_templates/KIND/NAME.json``."""
    template: JsonObject = json.loads((FOLDER / kind / f"{name}.json").read_text(encoding="utf-8"))
    return template


def event_fields() -> dict[str, str]:
    """Type by path of every field of an audit event, multi-fields included."""
    fields: dict[str, str] = {}
    for component in ("atlaslens-ecs", "atlaslens-atlassian"):
        fields |= _flatten(load("component", component)["template"]["mappings"]["properties"])
    return fields


def _flatten(properties: JsonObject, prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for name, mapping in properties.items():
        path = f"{prefix}{name}"
        if "properties" in mapping:
            flat |= _flatten(mapping["properties"], f"{path}.")
        else:
            flat[path] = mapping["type"]
            flat |= _flatten(mapping.get("fields", {}), f"{path}.")
    return flat
