"""The lock file of the embedded OpenSearch: which jars, which bytes, which folder. Pure but for one read.

A line is ``group:artifact:version[:classifier][@extension] sha256 place``; ``#`` starts a comment. ``place``
is the folder inside the home. No server is named: where an artifact comes from does not matter, its
checksum does.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Iterable

LOCK_FILE = "artifacts.lock"
PLUGIN_LOCK_FILE = "security-plugin.lock"
"""What the secured node has besides, see ``install_secured``."""
_DIGEST_CHARS = 12
_LINE = re.compile(
    r"(?P<group>[\w.-]+):(?P<name>[\w.-]+):(?P<version>[\w.-]+)(?::(?P<classifier>[\w.-]+))?(?:@(?P<extension>\w+))?"
    r" (?P<sha256>[0-9a-f]{64}) (?P<place>lib|agent|(?:modules|plugins)/[\w-]+)"
)


@dataclass(frozen=True, slots=True, order=True)
class LockedArtifact:
    """One file of the home, known by its coordinates and by the SHA-256 of its bytes (lower-case hex)."""

    place: str
    group: str
    name: str
    version: str
    sha256: str
    classifier: str = ""
    extension: str = "jar"

    @property
    def coordinates(self) -> str:
        """The Maven coordinates as the lock file and error messages write them."""
        classifier = f":{self.classifier}" if self.classifier else ""
        extension = "" if self.extension == "jar" else f"@{self.extension}"
        return f"{self.group}:{self.name}:{self.version}{classifier}{extension}"

    @property
    def file_name(self) -> str:
        """The name of the file inside ``place``."""
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.name}-{self.version}{classifier}.{self.extension}"


def parse_lock(text: str) -> tuple[LockedArtifact, ...]:
    """Read the text of a lock file.

    Raises:
        EngineError: a line is not of the documented form, or two lines name the same file.
    """
    artifacts: dict[tuple[str, str], LockedArtifact] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        entry = line.partition("#")[0].strip()
        if not entry:
            continue
        match = _LINE.fullmatch(entry)
        if match is None:
            raise EngineError(
                f"line {number} of the engine's lock file cannot be read",
                hint="reinstall atlaslens-forwarder",
            )
        fields = {key: value for key, value in match.groupdict().items() if value is not None}
        artifact = LockedArtifact(**fields)
        key = (artifact.place, artifact.file_name)
        if key in artifacts:
            raise EngineError(
                f"line {number} of the engine's lock file repeats {artifact.coordinates}",
                hint="reinstall atlaslens-forwarder",
            )
        artifacts[key] = artifact
    return tuple(artifacts.values())


def format_lock(
    artifacts: Iterable[LockedArtifact], *, version: str, holds: str = "every file of the embedded node"
) -> str:
    """The text of a lock file: sorted, so that a change shows as a small diff."""
    lines = [
        f"# OpenSearch {version}: {holds}.",
        "# Written by python -m atlaslens_forwarder.engine.lock",
        *(f"{artifact.coordinates} {artifact.sha256} {artifact.place}" for artifact in sorted(artifacts)),
    ]
    return "\n".join(lines) + "\n"


def read_lock(name: str = LOCK_FILE) -> str:
    """The text of a lock file that came with this package."""
    return resources.files(__package__).joinpath(name).read_text(encoding="utf-8")


def lock_digest(artifacts: Iterable[LockedArtifact]) -> str:
    """A short name for the locked files, part of the name of the home built from them."""
    entries = "".join(f"{item.coordinates} {item.sha256} {item.place}\n" for item in sorted(artifacts))
    return hashlib.sha256(entries.encode("utf-8")).hexdigest()[:_DIGEST_CHARS]
