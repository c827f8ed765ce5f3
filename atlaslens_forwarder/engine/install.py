"""Builds the home of the embedded OpenSearch once: ``lib/``, ``modules/NAME/``, ``agent/``.

The home holds program files only and is shared by all nodes; what belongs to one node (configuration,
data, logs) lives in that node's data folder.
"""

from __future__ import annotations

import fcntl
import shutil
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from atlaslens_forwarder import private_file
from atlaslens_forwarder.engine.artifacts import LockedArtifact, lock_digest, parse_lock, read_lock
from atlaslens_forwarder.engine.download import fetch_all
from atlaslens_forwarder.engine.spec import DEFAULT_SPEC, EngineSpec, Module
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

DESCRIPTOR = "plugin-descriptor.properties"
POLICY = "plugin-security.policy"
_LOWEST_JAVA = 21
# OpenSearch creates them when they are missing, but its account may not write here.
_EMPTY_FOLDERS = ("bin", "plugins")


def home_path(
    cache_dir: Path, artifacts: Sequence[LockedArtifact], *, spec: EngineSpec = DEFAULT_SPEC
) -> Path:
    """Where the home built from these files lives: other files, another folder."""
    return cache_dir / f"opensearch-{spec.version}-{lock_digest(artifacts)}"


def is_complete(home: Path, artifacts: Sequence[LockedArtifact]) -> bool:
    """Whether every locked file is in the home (it was verified when it was put there)."""
    files = all((home / artifact.place / artifact.file_name).is_file() for artifact in artifacts)
    return files and all((home / name).is_dir() for name in _EMPTY_FOLDERS)


def install(
    cache_dir: Path,
    *,
    progress: Callable[[str], None] = lambda _line: None,
    spec: EngineSpec = DEFAULT_SPEC,
    lock_text: str | None = None,
    cancelled: threading.Event | None = None,
    fetch: Callable[..., dict[LockedArtifact, Path]] = fetch_all,
) -> Path:
    """The path of a complete home below ``cache_dir``; downloads about 65 MB the first time.

    Safe to call from several processes at once: one builds, the others wait. What an interrupted call has
    downloaded is kept for the next. The home appears by a rename, so it is whole or absent. Blocks: call it
    in a thread from async code (``progress`` is then called there), and set ``cancelled`` to end it early.

    Raises:
        EngineError: a download failed or has a wrong checksum, or the folder cannot be written.
    """
    artifacts = parse_lock(read_lock() if lock_text is None else lock_text)
    home = home_path(cache_dir, artifacts, spec=spec)
    if is_complete(home, artifacts):
        return home
    try:
        private_file.make_folder(cache_dir, private_file.PASSAGE)
        with exclusive(cache_dir / f".{home.name}.lock", progress):
            if not is_complete(home, artifacts):
                progress(f"installing OpenSearch {spec.version} ({len(artifacts)} files, once)")
                partial = cache_dir / f".{home.name}.partial"
                partial.mkdir(mode=0o700, exist_ok=True)
                files = fetch(
                    artifacts,
                    partial / "repository",
                    cancelled=cancelled or threading.Event(),
                    progress=progress,
                )
                _build(partial / "home", files, spec)
                if home.exists():
                    shutil.rmtree(home)
                (partial / "home").rename(home)
                shutil.rmtree(partial)
                progress(f"OpenSearch {spec.version} is installed")
    except OSError as error:
        raise EngineError(
            f"the engine folder {cache_dir} cannot be written ({error.strerror or type(error).__name__})",
            hint="check its free space and permissions, or choose another one with ATLASLENS_ENGINE_CACHE",
        ) from error
    return home


def descriptor(module: Module, version: str) -> str:
    """The text of the descriptor OpenSearch reads for a module (its own build does not publish it alone)."""
    entries = {
        "name": module.name,
        "description": f"{module.name} module",
        "version": version,
        "opensearch.version": version,
        "java.version": str(_LOWEST_JAVA),
        "classname": module.classname,
        "extended.plugins": ",".join(module.extends),
        "has.native.controller": "false",
    }
    return "".join(f"{key}={value}\n" for key, value in entries.items())


def policy(module: Module) -> str:
    """What the module may do beyond the default, for OpenSearch's security agent."""
    grants = "".join(f"  permission {permission};\n" for permission in module.permissions)
    return f"grant {{\n{grants}}};\n"


def _build(home: Path, files: dict[LockedArtifact, Path], spec: EngineSpec) -> None:
    if home.exists():
        shutil.rmtree(home)
    for artifact, source in files.items():
        target = home / artifact.place / artifact.file_name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    for module in spec.modules:
        folder = home / "modules" / module.name
        (folder / DESCRIPTOR).write_text(descriptor(module, spec.version), encoding="utf-8")
        if module.permissions:
            (folder / POLICY).write_text(policy(module), encoding="utf-8")
    for name in _EMPTY_FOLDERS:
        (home / name).mkdir()
    # Whatever the umask: the node's account must be able to read it, and nobody else may change it.
    for path in (home, *home.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)


@contextmanager
def exclusive(path: Path, progress: Callable[[str], None]) -> Iterator[None]:
    """Hold an exclusive lock on ``path``; the kernel drops it when the process ends, however it ends."""
    with path.open("w", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("waiting for another process that is installing OpenSearch")
            fcntl.flock(file, fcntl.LOCK_EX)
        yield
