"""Compares objects as we want them with objects as OpenSearch echoes them. Pure.

OpenSearch echoes settings nested below ``index`` and every value as text; mappings of templates as they were
sent; mappings of indices without what is the default.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, cast

from atlaslens_forwarder.model.digest import digest_hex

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_ABSENT = "–"
_STAMP = frozenset({"hash", "forwarder"})
"""Parts of ``_meta`` that are no part of what a template says: the hash of the rest, and who wrote it."""


def template_diff(desired: JsonObject, found: JsonObject) -> tuple[str, ...]:
    """Lines ``path: found → desired`` for a component or index template; empty when they are the same."""
    return _lines(_flat_template(desired), _flat_template(found))


def fingerprint(template: JsonObject) -> str:
    """SHA-256 of what a template says, the same for one of ours and for OpenSearch's echo of it."""
    return digest_hex(cast("JsonObject", _flat_template(template)))


def was_edited(found: JsonObject) -> bool:
    """Whether a template of ours says something else than when it was written (its ``_meta.hash``)."""
    meta = found.get("_meta")
    return isinstance(meta, dict) and meta.get("hash", fingerprint(found)) != fingerprint(found)


def policy_diff(desired: JsonObject, found: JsonObject) -> tuple[str, ...]:
    """The same for an ISM policy, without what OpenSearch adds by itself (times, ids, retries)."""
    return _lines(_flat(desired), _flat(_policy_core(found, desired)))


def field_types(mapping: JsonObject) -> dict[str, str]:
    """Every field of a mapping, multi-fields included, with its type; objects have the type ``object``."""
    found: dict[str, str] = {}
    _collect(mapping, "", found)
    return found


def mapping_growth(desired: JsonObject, found: JsonObject) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a live index lacks, and where it contradicts: lines of missing fields, lines of other types."""
    want, have = field_types(desired), field_types(found)
    missing = tuple(f"{path}: {_ABSENT} → {kind}" for path, kind in want.items() if path not in have)
    clash = tuple(
        f"{path}: {have[path]} → {kind}" for path, kind in want.items() if have.get(path, kind) != kind
    )
    return missing, clash


def forbid_auto_create(current: str | None) -> str | None:
    """The value of ``action.auto_create_index`` that forbids our names and keeps all else; None if it does.

    Patterns are tried in order and the first that matches decides; ``false`` forbids everything.
    https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/index-settings/
    """
    ours = "-atlaslens-*"
    parts = [part.strip() for part in (current or "true").strip("[] ").split(",") if part.strip()]
    if parts == ["false"] or parts[:1] == [ours]:
        return None
    rest = ["*"] if parts == ["true"] else [part for part in parts if part != ours]
    return ",".join([ours, *rest])


def _flat_template(template: JsonObject) -> dict[str, str]:
    body = template.get("template")
    inner = body if isinstance(body, dict) else {}
    outer = {key: value for key, value in template.items() if key != "template"}
    meta = outer.get("_meta")
    if isinstance(meta, dict):
        outer["_meta"] = {key: value for key, value in meta.items() if key not in _STAMP}
    rest = {key: value for key, value in inner.items() if key != "settings"}
    settings = {
        _full_name(path): _setting_text(value) for path, value in _leaves(inner.get("settings") or {}, "")
    }
    return _flat(outer) | _flat(rest) | {f"settings.{path}": text for path, text in settings.items()}


def _full_name(path: str) -> str:
    return path if path.startswith("index.") else f"index.{path}"


def _setting_text(value: JsonValue) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return json.dumps([str(part) for part in value], ensure_ascii=False)
    return str(value)


def _flat(value: JsonValue) -> dict[str, str]:
    return {path: json.dumps(leaf, ensure_ascii=False, sort_keys=True) for path, leaf in _leaves(value, "")}


def _leaves(value: JsonValue, path: str) -> list[tuple[str, JsonValue]]:
    if not isinstance(value, dict) or not value:
        return [(path, value)] if path else []
    return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{path}.{key}" if path else key)]


def _lines(desired: Mapping[str, str], found: Mapping[str, str]) -> tuple[str, ...]:
    paths = sorted(path for path in desired.keys() | found.keys() if desired.get(path) != found.get(path))
    return tuple(f"{path}: {found.get(path, _ABSENT)} → {desired.get(path, _ABSENT)}" for path in paths)


def _policy_core(found: JsonValue, desired: JsonValue) -> JsonValue:
    """``found`` with only those keys that ``desired`` has at the same place."""
    if isinstance(found, dict) and isinstance(desired, dict):
        return {key: _policy_core(value, desired[key]) for key, value in found.items() if key in desired}
    if isinstance(found, list) and isinstance(desired, list) and len(found) == len(desired):
        return [_policy_core(have, want) for have, want in zip(found, desired, strict=True)]
    return found


def _collect(mapping: JsonObject, prefix: str, found: dict[str, str]) -> None:
    for part in ("properties", "fields"):
        inner = mapping.get(part)
        for name, field in inner.items() if isinstance(inner, dict) else ():
            if isinstance(field, dict):
                path = f"{prefix}{name}"
                found[path] = str(field.get("type", "object"))
                _collect(field, f"{path}.", found)
