"""Files and folders of the settings that are open to more people than they should be.

These are worth a warning; keys are refused where they are read (:mod:`atlaslens_forwarder.private_file`).
"""

from __future__ import annotations

import os
import shlex
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dotenv import dotenv_values

from atlaslens_forwarder.settings.confidential import confidential_texts
from atlaslens_forwarder.settings.reading import secret_files, settings_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from atlaslens_forwarder.settings.settings import Settings


@dataclass(frozen=True, slots=True)
class Openness:
    """Permission bits that a path should not have, what they mean, and how ``chmod`` takes them away."""

    bits: int
    meaning: str
    change: str


@dataclass(frozen=True, slots=True)
class OpenPath:
    """A path that is too open."""

    what: str
    path: Path
    openness: Openness

    @property
    def hint(self) -> str:
        """The command that mends it."""
        return f"chmod {self.openness.change} {shlex.quote(str(self.path))}"

    def one_line(self) -> str:
        """What is wrong and what to do."""
        return f"the {self.what} {self.path} {self.openness.meaning}: run {self.hint}"


_TO_OTHERS: Final = Openness(0o007, "is open to others", "o-rwx")
_TO_GROUP: Final = Openness(0o077, "is open to its group or others", "go-rwx")
_WRITABLE: Final = Openness(0o002, "can be written by others", "o-w")


def open_paths(settings: Settings, env_file: Path | None = None) -> Iterator[OpenPath]:
    """What is too open; what is not there, or may not be looked at, is left out.

    A group may read what secrets folders hold, which Kubernetes mounts so. The settings file and the keys of
    client certificates are for their owner alone, unless that is somebody else: then the group is how we
    read them.
    """
    path = settings_file(env_file)
    found = _open(path, _for_owner(path))
    if found and _holds_secrets(path, settings):
        yield OpenPath("settings file", path, found)
    for folder in filter(None, settings.secrets_dir.split(os.pathsep)):
        for path in secret_files(Path(folder)):
            if found := _open(path, _TO_OTHERS):
                yield OpenPath("secret", path, found)
    store = settings.opensearch
    keys = {each.client_key for each in (store, store.reader, store.keeper, store.admin) if each.client_key}
    for path in sorted(keys):
        if found := _open(path, _for_owner(path)):
            yield OpenPath("client key", path, found)
    for what, path, openness in (
        ("data folder", settings.data_dir, _WRITABLE),
        ("list of forgotten people", settings.forgotten_path, _TO_OTHERS),
        ("folder of seals", settings.seals_dir, _TO_OTHERS),
    ):
        if found := _open(path, openness):
            yield OpenPath(what, path, found)


def _for_owner(path: Path) -> Openness:
    found = _status(path)
    return _TO_GROUP if found is None or found.st_uid == os.geteuid() else _TO_OTHERS


def _open(path: Path, openness: Openness) -> Openness | None:
    found = _status(path)
    return openness if found is not None and found.st_mode & openness.bits else None


def _status(path: Path) -> os.stat_result | None:
    """Of a file or folder; none of a pipe, which is a shell's way to hand over a settings file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode) else None


def _holds_secrets(path: Path, settings: Settings) -> bool:
    """Whether a secret or personal value that is in use comes from this file."""
    return not set(confidential_texts(settings)).isdisjoint(dotenv_values(path, interpolate=False).values())
