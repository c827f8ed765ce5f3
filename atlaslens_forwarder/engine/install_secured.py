"""Builds a second home from the plain one: the same files, and the security plugin in ``plugins/``.

Only whoever wants a secured node downloads the plugin (50 MB).
"""

from __future__ import annotations

import shutil
import threading
import zipfile
from typing import TYPE_CHECKING

from atlaslens_forwarder.engine.artifacts import PLUGIN_LOCK_FILE, lock_digest, parse_lock, read_lock
from atlaslens_forwarder.engine.download import fetch_all
from atlaslens_forwarder.engine.install import DESCRIPTOR, exclusive, install
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from atlaslens_forwarder.engine.artifacts import LockedArtifact

_EXTENDS = "extended.plugins="
_ARCHIVE = "zip"


def install_secured(
    cache_dir: Path,
    *,
    progress: Callable[[str], None] = lambda _line: None,
    cancelled: threading.Event | None = None,
    lock_text: str | None = None,
    plain: Callable[..., Path] = install,
    fetch: Callable[..., dict[LockedArtifact, Path]] = fetch_all,
) -> Path:
    """The path of a complete home with the security plugin below ``cache_dir``; as ``install``, it blocks.

    Raises:
        EngineError: a download failed or has a wrong checksum, or the folder cannot be written.
    """
    cancelled = cancelled or threading.Event()
    base = plain(cache_dir, progress=progress, cancelled=cancelled)
    artifacts = parse_lock(read_lock(PLUGIN_LOCK_FILE) if lock_text is None else lock_text)
    home = cache_dir / f"{base.name}-{lock_digest(artifacts)}"
    if home.is_dir():  # it came into being by a rename, so it is whole
        return home
    try:
        with exclusive(cache_dir / f".{home.name}.lock", progress):
            if not home.is_dir():
                progress("installing the security plugin (50 MB, once)")
                partial = cache_dir / f".{home.name}.partial"
                partial.mkdir(mode=0o700, exist_ok=True)
                files = fetch(artifacts, partial / "repository", cancelled=cancelled, progress=progress)
                shutil.rmtree(partial / "home", ignore_errors=True)
                shutil.copytree(base, partial / "home")
                _add(partial / "home", files)
                (partial / "home").rename(home)
                shutil.rmtree(partial)
    except OSError as error:
        raise EngineError(
            f"the engine folder {cache_dir} cannot be written ({error.strerror or type(error).__name__})",
            hint="check its free space and permissions, or choose another one with ATLASLENS_ENGINE_CACHE",
        ) from error
    return home


def standing_alone(descriptor: str) -> str:
    """A plugin's descriptor without the plugins it would extend, which this home does not have. Pure."""
    lines = descriptor.splitlines()
    return "".join(f"{_EXTENDS if line.startswith(_EXTENDS) else line}\n" for line in lines)


def _add(home: Path, files: Mapping[LockedArtifact, Path]) -> None:
    for artifact, source in files.items():
        place = home / artifact.place
        place.mkdir(exist_ok=True)
        if artifact.extension == _ARCHIVE:
            with zipfile.ZipFile(source) as archive:
                archive.extractall(place)  # the locked checksum says whose archive it is
            descriptor = place / DESCRIPTOR
            descriptor.write_text(standing_alone(descriptor.read_text("utf-8")), "utf-8")
        else:
            shutil.copyfile(source, place / artifact.file_name)
    for path in (home / "plugins").rglob("*"):  # the node's account must be able to read it
        path.chmod(0o755 if path.is_dir() else 0o644)
