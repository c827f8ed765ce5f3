"""The manifest: what an evidence file claims to be, in canonical JSON with a trailing newline. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.facts import FileFacts
from atlaslens_forwarder.evidence.filters import ExportFilter
from atlaslens_forwarder.evidence.row_formats import ExportFormat
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

FORMAT = "atlaslens-evidence"
VERSION = 1
TOOL = "atlaslens-forwarder"

_TOP_KEYS = {
    "format",
    "version",
    "tool",
    "created",
    "filter",
    "count",
    "repeated",
    "first",
    "last",
    "events_sha256",
    "file",
    "store",
    "coverage",
    "gaps",
}
_FILE_KEYS = {"name", "format", "bytes", "sha256"}


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest that was read: claims that can be checked against the file, and the rest as it stands."""

    filter: ExportFilter
    facts: FileFacts
    created: str
    tool_version: str
    store: JsonObject
    coverage: JsonObject
    gaps: list[JsonValue]


def manifest_bytes(
    export_filter: ExportFilter,
    facts: FileFacts,
    *,
    created_ms: int,
    tool_version: str,
    store: JsonObject,
    coverage: JsonObject,
    gaps: Sequence[JsonValue],
) -> bytes:
    """The manifest of a finished evidence file; ``coverage`` and ``gaps`` are the caller's statement.

    Raises:
        ValueError: a statement has no canonical form.
    """
    file: JsonObject = {
        "name": facts.name,
        "format": facts.format.value,
        "bytes": facts.size_bytes,
        "sha256": facts.sha256,
    }
    if facts.columns is not None:
        file["columns"] = list(facts.columns)
    manifest: JsonObject = {
        "format": FORMAT,
        "version": VERSION,
        "tool": {"name": TOOL, "version": tool_version},
        "created": iso_ms(created_ms),
        "filter": export_filter.to_manifest(),
        "count": facts.count,
        "repeated": facts.repeated,
        "first": facts.first,
        "last": facts.last,
        "events_sha256": facts.events_sha256,
        "file": file,
        "store": store,
        "coverage": coverage,
        "gaps": list(gaps),
    }
    return canonical_bytes(manifest) + b"\n"


def parse_manifest(content: bytes) -> Manifest:
    """Read a manifest strictly: every key known, every value of its type, every byte in canonical form.

    Raises:
        EvidenceError: it is something else, of a later version, or damaged; the message names the part.
    """
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise EvidenceError(
            "the manifest is not JSON", hint="it is damaged or not ours; fetch it again"
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise EvidenceError("the manifest is not one of this product", hint="verify a file that export made")
    version = data.get("version")
    if isinstance(version, bool) or version != VERSION:
        hint = "verify with the version of the tool that made it, or a later one"
        raise EvidenceError(f"the manifest's version is not {VERSION}", hint=hint)
    try:
        if set(data) != _TOP_KEYS:
            raise ValueError("a key is missing or unknown")  # noqa: TRY301  one way out for every damage
        if canonical_bytes(data) + b"\n" != content:
            raise ValueError("it is not in canonical form")  # noqa: TRY301
        return _read(data)
    except ValueError as error:
        raise EvidenceError(
            f"the manifest is damaged: {error}", hint="fetch it again from its source"
        ) from None


def _read(data: JsonObject) -> Manifest:
    file = _object(data, "file")
    fmt = _format(file)
    columns = _columns(file)
    if set(file) != _FILE_KEYS | ({"columns"} if columns is not None else set()):
        raise ValueError("file has a missing or unknown key")
    tool = _object(data, "tool")
    if set(tool) != {"name", "version"} or tool["name"] != TOOL:
        raise ValueError("tool is not as this product writes it")
    gaps = data["gaps"]
    if not isinstance(gaps, list):
        raise ValueError("gaps is not a list")  # noqa: TRY004  bad content, not a bad call
    facts = FileFacts(
        name=_text(file, "name"),
        format=fmt,
        size_bytes=_whole(file, "bytes"),
        sha256=_digest(file, "sha256"),
        events_sha256=_digest(data, "events_sha256"),
        count=_whole(data, "count"),
        repeated=_whole(data, "repeated"),
        first=None if data["first"] is None else _time(data, "first"),
        last=None if data["last"] is None else _time(data, "last"),
        columns=columns,
    )
    return Manifest(
        filter=ExportFilter.from_manifest(data["filter"]),
        facts=facts,
        created=_time(data, "created"),
        tool_version=_text(tool, "version"),
        store=_object(data, "store"),
        coverage=_object(data, "coverage"),
        gaps=gaps,
    )


def _object(data: JsonObject, key: str) -> JsonObject:
    value = data[key]
    if not isinstance(value, dict):
        raise ValueError(f"{key} is not an object")  # noqa: TRY004  bad content, not a bad call
    return value


def _text(data: JsonObject, key: str) -> str:
    value = data.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{key} is not a text")
    return value


def _whole(data: JsonObject, key: str) -> int:
    value = data.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise ValueError(f"{key} is not a whole number")
    return value


def _digest(data: JsonObject, key: str) -> str:
    text = _text(data, key)
    if len(text) != 64 or not set(text) <= set("0123456789abcdef"):  # noqa: PLR2004  SHA-256 in hex
        raise ValueError(f"{key} is not a SHA-256")
    return text


def _time(data: JsonObject, key: str) -> str:
    text = _text(data, key)
    try:
        exact = iso_ms(parse_iso_ms(text)) == text
    except (ValueError, OverflowError):
        exact = False
    if not exact:
        raise ValueError(f"{key} is not a UTC time with milliseconds")
    return text


def _format(file: JsonObject) -> ExportFormat:
    try:
        return ExportFormat(_text(file, "format"))
    except ValueError:
        raise ValueError("file.format is not known") from None


def _columns(file: JsonObject) -> tuple[str, ...] | None:
    if "columns" not in file:
        return None
    values = file["columns"]
    texts = tuple(value for value in values if isinstance(value, str)) if isinstance(values, list) else ()
    if list(texts) != values:
        raise ValueError("file.columns is not a list of texts")
    return texts
