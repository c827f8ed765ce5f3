"""The manifest: what a bundle claims to be, in canonical JSON with a trailing newline. Pure.

It is in two parts. The *claims* say what was exported, and are what reports show as their stamp; the *files*
say which bytes carry it, the reports among them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence import reading
from atlaslens_forwarder.evidence.filters import ExportFilter
from atlaslens_forwarder.evidence.layout import EVENTS, HISTORY
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.proof.merkle import SALT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

FORMAT: Final = "atlaslens-evidence"
VERSION: Final = 2
TOOL: Final = "atlaslens-forwarder"
ALGORITHM: Final = "rfc6962-sha256-salted"


@dataclass(frozen=True, slots=True)
class ListedFile:
    """One file of a bundle; ``renderer`` says with what a PDF was made, empty for all others."""

    name: str
    size_bytes: int
    sha256: str
    renderer: str = ""

    def to_json(self) -> JsonObject:
        """The file as it stands in a manifest."""
        found: JsonObject = {"name": self.name, "bytes": self.size_bytes, "sha256": self.sha256}
        return {**found, "renderer": self.renderer} if self.renderer else found


@dataclass(frozen=True, slots=True)
class Claims:
    """What a bundle says of itself. ``store``, ``coverage``, ``gaps`` and ``seal_head`` are statements.

    ``events_sha256`` is None in the redactable form alone.
    """

    filter: ExportFilter
    created: str
    tool_version: str
    exporter: str
    count: int
    repeated: int
    first: str | None
    last: str | None
    events_sha256: str | None
    merkle_root: str
    signing_keys: tuple[str, ...]
    store: JsonObject
    coverage: JsonObject
    gaps: tuple[JsonValue, ...]
    seal_head: JsonObject | None

    def to_json(self) -> JsonObject:
        """The claims as they stand in a manifest."""
        return {
            "format": FORMAT,
            "version": VERSION,
            "tool": {"name": TOOL, "version": self.tool_version},
            "created": self.created,
            "exporter": self.exporter,
            "filter": self.filter.to_manifest(),
            "count": self.count,
            "repeated": self.repeated,
            "first": self.first,
            "last": self.last,
            "events_sha256": self.events_sha256,
            "merkle": {"algorithm": ALGORITHM, "salt_bytes": SALT_BYTES, "root": self.merkle_root},
            "signing_keys": list(self.signing_keys),
            "store": self.store,
            "coverage": self.coverage,
            "gaps": list(self.gaps),
            "seal_head": self.seal_head,
        }


@dataclass(frozen=True, slots=True)
class Manifest:
    """Claims and files."""

    claims: Claims
    files: tuple[ListedFile, ...]

    def redactable(self) -> Manifest:
        """The manifest without what tells of single rows.

        Whoever holds all rows but one could find that one by trying, if he had a digest over all of them;
        the Merkle root is over salted rows and tells nothing.
        """
        claims = replace(self.claims, events_sha256=None, first=None, last=None)
        return Manifest(claims, tuple(each for each in self.files if each.name == HISTORY))

    def to_bytes(self) -> bytes:
        """The manifest as a file.

        Raises:
            ValueError: a statement has no canonical form.
        """
        files: list[JsonValue] = [each.to_json() for each in self.files]
        return canonical_bytes({**self.claims.to_json(), "files": files}) + b"\n"


def parse_manifest(content: bytes) -> Manifest:
    """Read a manifest strictly: every key known, every value of its type, every byte in canonical form.

    Raises:
        EvidenceError: it is something else, of another version, or damaged; the message names the part.
    """
    try:
        data: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        raise EvidenceError(
            "the manifest is not JSON", hint="it is damaged or not ours; fetch it again"
        ) from None
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise EvidenceError(
            "the manifest is not one of this product", hint="verify a bundle that export made"
        )
    version = data.get("version")
    if isinstance(version, bool) or version != VERSION:
        hint = "verify with the version of the tool that made it, or a later one"
        raise EvidenceError(f"the manifest's version is not {VERSION}", hint=hint)
    try:
        manifest = Manifest(_claims(data), read_files(data["files"]))
        if manifest.to_bytes() != content:
            raise ValueError("it has an unknown key, or is not in canonical form")  # noqa: TRY301  one way out
        events = listed(manifest.files, EVENTS)
        if manifest.claims.events_sha256 != (None if events is None else events.sha256):
            raise ValueError("events_sha256 is not that of its file")  # noqa: TRY301
    except KeyError as error:
        raise _damaged(f"the key {error.args[0]} is missing") from None
    except (ValueError, RecursionError) as error:
        raise _damaged(str(error)) from None
    return manifest


def _claims(data: JsonObject) -> Claims:
    gaps = data["gaps"]
    if not isinstance(gaps, list):
        raise ValueError("gaps is not a list")  # noqa: TRY004  bad content, not a bad call
    keys = reading.texts(data, "signing_keys")
    if not keys:
        raise ValueError("signing_keys is empty")
    return Claims(
        filter=ExportFilter.from_manifest(data["filter"]),
        created=reading.time(data, "created"),
        tool_version=reading.text(reading.part(data, "tool"), "version"),
        exporter=reading.text(data, "exporter"),
        count=reading.whole(data, "count"),
        repeated=reading.whole(data, "repeated"),
        first=None if data["first"] is None else reading.time(data, "first"),
        last=None if data["last"] is None else reading.time(data, "last"),
        events_sha256=None if data["events_sha256"] is None else reading.digest(data, "events_sha256"),
        merkle_root=reading.digest(reading.part(data, "merkle"), "root"),
        signing_keys=keys,
        store=reading.part(data, "store"),
        coverage=reading.part(data, "coverage"),
        gaps=tuple(gaps),
        seal_head=None if data["seal_head"] is None else reading.part(data, "seal_head"),
    )


def read_files(value: JsonValue) -> tuple[ListedFile, ...]:
    """Read a list of files back.

    Raises:
        ValueError: it is none, or names a file twice or outside the bundle.
    """
    found: list[ListedFile] = []
    for entry in value if isinstance(value, list) else [None]:
        if not isinstance(entry, dict):
            raise ValueError("files is not a list of files")  # noqa: TRY004  bad content, not a bad call
        file = ListedFile(
            reading.text(entry, "name"),
            reading.whole(entry, "bytes"),
            reading.digest(entry, "sha256"),
            reading.text(entry, "renderer") if "renderer" in entry else "",
        )
        if file.to_json() != entry or "/" in file.name or file.name.startswith("."):
            raise ValueError("files has an entry that this product does not write")
        found.append(file)
    if len({each.name for each in found}) != len(found):
        raise ValueError("files names a file twice")
    return tuple(found)


def all_append_only(store: JsonObject) -> bool:
    """Whether every index of a described store refuses changes."""
    indices = store.get("indices")
    return isinstance(indices, list) and all(
        isinstance(entry, dict) and entry.get("append_only") is True for entry in indices
    )


def listed(files: Sequence[ListedFile], name: str) -> ListedFile | None:
    """The entry of a file."""
    return next((each for each in files if each.name == name), None)


def _damaged(how: str) -> EvidenceError:
    return EvidenceError(f"the manifest is damaged: {how}", hint="fetch it again from its source")
