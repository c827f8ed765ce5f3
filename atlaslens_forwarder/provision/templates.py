"""The index templates of this version, read from the files that ship with it."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, cast

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.provision.diff import fingerprint
from atlaslens_forwarder.provision.versions import schema_version
from atlaslens_forwarder.storage.names import PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import Mapping
    from importlib.resources.abc import Traversable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_PACKAGE = "atlaslens_forwarder"
APPEND_ONLY_SETTINGS = f"{PREFIX}-settings-append-only"
MUTABLE_SETTINGS = f"{PREFIX}-settings-mutable"


@dataclass(frozen=True, slots=True)
class TemplateSet:
    """Component and index templates by name, as they are sent to OpenSearch."""

    component: Mapping[str, JsonObject]
    index: Mapping[str, JsonObject]

    def without_append_only(self) -> TemplateSet:
        """The set for OpenSearch 2.x: all indices updatable, without the setting that it does not know."""
        component = {name: body for name, body in self.component.items() if name != APPEND_ONLY_SETTINGS}
        index: dict[str, JsonObject] = {}
        for name, body in self.index.items():
            parts = [
                MUTABLE_SETTINGS if part == APPEND_ONLY_SETTINGS else part
                for part in _texts(body["composed_of"])
            ]
            index[name] = _stamped({**body, "composed_of": cast("JsonValue", parts)})
        return replace(self, component=component, index=index)

    @property
    def version(self) -> int:
        """The version of what they describe; they go up together."""
        return max(schema_version(body) for body in (*self.component.values(), *self.index.values()))

    def mapping(self, family: Family) -> JsonObject:
        """The whole mapping of a family's indices, as OpenSearch composes it.

        Raises:
            ConfigError: the family has no template, or it names a component that is not there.
        """
        template = f"{PREFIX}-{family.value}"
        try:
            body = self.index[template]
            parts = [self.component[part] for part in _texts(body["composed_of"])]
        except KeyError as error:
            raise ConfigError(
                f"the index template {template} is incomplete", hint="install the program anew"
            ) from error
        merged: JsonObject = {}
        for part in [*parts, body]:
            merged = _merge(merged, _object(_object(part.get("template")).get("mappings")))
        return merged


def load_templates() -> TemplateSet:
    """Read the templates: from the installed package, or from the checkout that it runs in.

    Raises:
        ConfigError: the files are missing or broken, so the installation is.
    """
    root = files(_PACKAGE)
    installed = root / "_data" / "index_templates"
    folder: Traversable = installed if installed.is_dir() else Path(str(root)).parent / "index_templates"
    return TemplateSet(component=_read(folder / "component"), index=_read(folder / "index"))


def _stamped(body: JsonObject) -> JsonObject:
    """The template with its hash and our version in ``_meta``, which tell of edits and of who wrote it."""
    meta: JsonObject = {**_object(body.get("_meta")), "hash": fingerprint(body), "forwarder": __version__}
    return {**body, "_meta": meta}


def _read(folder: Traversable) -> dict[str, JsonObject]:
    found: dict[str, JsonObject] = {}
    try:
        for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
            if file.name.endswith(".json"):
                found[file.name.removesuffix(".json")] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigError("the index templates cannot be read", hint="install the program anew") from error
    if not found or not all(isinstance(body, dict) for body in found.values()):
        raise ConfigError("the index templates are missing or broken", hint="install the program anew")
    return {name: _stamped(body) for name, body in found.items()}


def _merge(base: JsonObject, over: JsonObject) -> JsonObject:
    merged = dict(base)
    for key, value in over.items():
        there = merged.get(key)
        merged[key] = _merge(there, value) if isinstance(there, dict) and isinstance(value, dict) else value
    return merged


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _texts(value: JsonValue) -> list[str]:
    return [str(part) for part in value] if isinstance(value, list) else []
