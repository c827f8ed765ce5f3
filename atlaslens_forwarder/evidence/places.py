"""Where an export lies: the evidence file and the two files beside it, and how they come into being whole.

Every file is written under a ``.part`` name, flushed to the disk and only then renamed. The evidence file is
renamed last: where it exists, its manifest and check sums do too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

MANIFEST_SUFFIX = ".manifest.json"
CHECKSUM_SUFFIX = ".sha256"
PART_SUFFIX = ".part"

_MODE = 0o640  # exports hold personal data: never readable by everyone


@dataclass(frozen=True, slots=True)
class Places:
    """The three files of one export."""

    evidence: Path

    @property
    def manifest(self) -> Path:
        """``FILE.manifest.json``."""
        return self.evidence.with_name(self.evidence.name + MANIFEST_SUFFIX)

    @property
    def checksums(self) -> Path:
        """``FILE.sha256``, in the form that ``sha256sum -c`` reads."""
        return self.evidence.with_name(self.evidence.name + CHECKSUM_SUFFIX)

    @property
    def all(self) -> tuple[Path, Path, Path]:
        """In the order in which they are renamed."""
        return self.manifest, self.checksums, self.evidence


def check_free(places: Places, *, force: bool) -> None:
    """Refuse a path that cannot be written, before any work is done.

    Raises:
        ConfigError: the folder is missing, a file is already there and ``force`` is not set, or the name
            cannot stand in a manifest and a ``sha256sum`` file.
    """
    path = places.evidence
    name = path.name
    if not name or not name.isprintable() or "\\" in name:
        raise ConfigError("the output file has no usable name", hint="use letters, digits, dots and dashes")
    if not path.parent.is_dir():
        raise ConfigError(f"the folder {path.parent} does not exist", hint="create it, or name another file")
    for place in places.all:
        if place.is_dir():
            raise ConfigError(f"{place} is a folder", hint="name a file")
        if place.exists() and not force:
            raise ConfigError(f"{place} exists", hint="name another file, or overwrite it with --force")


def open_part(path: Path, *, force: bool) -> BinaryIO:
    """Create ``path``'s ``.part`` file.

    Raises:
        ConfigError: it cannot be created, or another export is writing it.
    """
    part = part_of(path)
    try:
        if force:
            part.unlink(missing_ok=True)
        return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb")
    except FileExistsError:
        hint = "wait for the export that writes it; if it was cut off, delete the file or use --force"
        raise ConfigError(f"{part} exists", hint=hint) from None
    except OSError as error:
        raise unwritable(part, error) from None


def part_of(path: Path) -> Path:
    """The name under which ``path`` is written."""
    return path.with_name(path.name + PART_SUFFIX)


def flush_to_disk(file: BinaryIO) -> None:
    """Return only when the disk has the bytes.

    Raises:
        OSError: it could not take them.
    """
    file.flush()
    os.fsync(file.fileno())


def publish(paths: Iterable[Path]) -> None:
    """Give finished ``.part`` files their names, and make the names durable.

    Raises:
        OSError: a rename failed.
    """
    folder = Path()
    for path in paths:
        part_of(path).replace(path)
        folder = path.parent
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def unwritable(path: Path, error: OSError) -> ConfigError:
    """The product's error for a file that cannot be written."""
    reason = error.strerror or type(error).__name__
    return ConfigError(f"cannot write {path}: {reason}", hint="free the space, or name a file you may write")
