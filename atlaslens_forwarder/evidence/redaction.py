"""The statement of a redaction: which rows of a signed export are withheld, by whom and why. Pure.

The signed manifest stays as it was; this says what became of the files that it lists.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence import reading
from atlaslens_forwarder.evidence.manifest import TOOL, ListedFile, read_files
from atlaslens_forwarder.model.canonical import canonical_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

FORMAT: Final = "atlaslens-redaction"
VERSION: Final = 1

Ranges = tuple[tuple[int, int], ...]
"""First and last row number of each run of withheld rows, counted from 1, ascending and apart."""


@dataclass(frozen=True, slots=True)
class Redaction:
    """What is withheld of the export with this manifest. ``signing_keys`` is empty where nobody signed."""

    manifest_sha256: str
    withheld: Ranges
    by: str
    created: str
    reason: str
    tool_version: str
    signing_keys: tuple[str, ...] = ()
    files: tuple[ListedFile, ...] = ()

    @property
    def withheld_count(self) -> int:
        """How many rows are withheld."""
        return sum(last - first + 1 for first, last in self.withheld)

    def to_bytes(self) -> bytes:
        """The statement as a file: canonical JSON and LF."""
        withheld: list[JsonValue] = [[first, last] for first, last in self.withheld]
        files: list[JsonValue] = [each.to_json() for each in self.files]
        told: JsonObject = {
            "format": FORMAT,
            "version": VERSION,
            "tool": {"name": TOOL, "version": self.tool_version},
            "manifest_sha256": self.manifest_sha256,
            "withheld": withheld,
            "by": self.by,
            "created": self.created,
            "reason": self.reason,
            "signing_keys": list(self.signing_keys),
            "files": files,
        }
        return canonical_bytes(told) + b"\n"


def parse_redaction(content: bytes) -> Redaction:
    """Read a statement strictly.

    Raises:
        EvidenceError: it is something else, or damaged; the message names the part.
    """
    try:
        data: JsonValue = json.loads(content)
        if not isinstance(data, dict) or data.get("format") != FORMAT or data.get("version") != VERSION:
            raise ValueError("it is not one of this version")  # noqa: TRY301  one way out
        found = Redaction(
            manifest_sha256=reading.digest(data, "manifest_sha256"),
            withheld=_ranges(data["withheld"]),
            by=reading.text(data, "by"),
            created=reading.time(data, "created"),
            reason=reading.text(data, "reason"),
            tool_version=reading.text(reading.part(data, "tool"), "version"),
            signing_keys=reading.texts(data, "signing_keys"),
            files=read_files(data["files"]),
        )
        if found.to_bytes() != content:
            raise ValueError("it has an unknown key, or is not in canonical form")  # noqa: TRY301
    except KeyError as error:
        raise _damaged(f"the key {error.args[0]} is missing") from None
    except (ValueError, RecursionError) as error:
        raise _damaged("it is not JSON" if isinstance(error, json.JSONDecodeError) else str(error)) from None
    return found


def _ranges(value: JsonValue) -> Ranges:
    found: list[tuple[int, int]] = []
    for entry in value if isinstance(value, list) else [None]:
        pair = [each for each in entry if type(each) is int] if isinstance(entry, list) else []
        if pair != entry or len(pair) != 2 or not (found[-1][1] + 1 if found else 0) < pair[0] <= pair[1]:  # noqa: PLR2004  first and last
            raise ValueError("withheld is not a list of ascending ranges")
        found.append((pair[0], pair[1]))
    return tuple(found)


def ranges_of(numbers: Iterable[int]) -> Ranges:
    """Ascending row numbers as ranges."""
    found: list[list[int]] = []
    for number in numbers:
        if found and found[-1][1] == number - 1:
            found[-1][1] = number
        else:
            found.append([number, number])
    return tuple((first, last) for first, last in found)


def _damaged(how: str) -> EvidenceError:
    return EvidenceError(
        f"the statement of the redaction is damaged: {how}", hint="fetch the bundle again from its source"
    )
