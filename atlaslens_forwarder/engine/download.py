"""Brings locked artifacts onto this machine through ``jgo``, in parallel, and lets no wrong byte pass."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from threading import Event

    from atlaslens_forwarder.engine.artifacts import LockedArtifact

_PARALLEL = 8
_TRIES = 4
_FIRST_WAIT_S = 1.0
_TIMEOUT_S = 60


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes, lower-case hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fetch_with_jgo(artifact: LockedArtifact, repository: Path) -> Path:
    """Download one artifact below ``repository`` unless it is there already; the file is not verified here.

    Raises:
        EngineError: the optional extra is not installed.
        OSError: the network or the disk failed; worth another try.
        RuntimeError: no server has the artifact, or it answered with an error; worth another try.
    """
    try:
        from jgo.maven import MavenContext  # noqa: PLC0415  optional extra, looked up when needed
    except ImportError as error:
        raise EngineError(
            "the embedded OpenSearch is not installed", hint="pip install 'atlaslens-forwarder[embedded]'"
        ) from error
    context = MavenContext(repo_cache=repository, timeout=_TIMEOUT_S)
    component = context.project(artifact.group, artifact.name).at_version(artifact.version)
    path: Path = component.artifact(artifact.classifier, artifact.extension).resolve()
    return path


def fetch_verified(
    artifact: LockedArtifact,
    repository: Path,
    *,
    fetch: Callable[[LockedArtifact, Path], Path] = fetch_with_jgo,
    sleep: Callable[[float], None] = time.sleep,
) -> Path:
    """The path of the artifact below ``repository``, with the locked checksum.

    A cut connection or a wrong checksum (a half-written file of an earlier run) is tried again after a
    growing pause.

    Raises:
        EngineError: it could not be downloaded, or its bytes are not the locked ones.
    """
    problem: Exception | None = None
    mismatch = False
    for attempt in range(_TRIES):
        if attempt:
            sleep(_FIRST_WAIT_S * 2 ** (attempt - 1))
        # jgo writes in place: what an interrupted download leaves looks like a finished one, so the
        # checksum is what tells them apart, and a file that fails it is deleted.
        try:
            path = fetch(artifact, repository)
            mismatch = sha256_of(path) != artifact.sha256
            if not mismatch:
                return path
            path.unlink(missing_ok=True)
        except (OSError, RuntimeError) as error:
            problem = error
            _discard_partial(artifact, repository)
    if mismatch:
        raise EngineError(
            f"{artifact.coordinates} does not have the locked checksum",
            hint="something on the way alters downloads, or the lock file is damaged; it was not installed",
        )
    reason = getattr(problem, "strerror", None) or type(problem).__name__
    raise EngineError(
        f"{artifact.coordinates} cannot be downloaded ({reason})",
        hint="check the network and proxy, then start again: what is already here is kept",
    ) from problem


def fetch_all(
    artifacts: Sequence[LockedArtifact],
    repository: Path,
    *,
    cancelled: Event,
    progress: Callable[[str], None],
    fetch: Callable[[LockedArtifact, Path], Path] = fetch_with_jgo,
    sleep: Callable[[float], None] = time.sleep,
) -> dict[LockedArtifact, Path]:
    """Every artifact with its verified path. ``progress`` is called from this thread only.

    Raises:
        EngineError: one could not be had (the others that were running are finished and kept), or
            ``cancelled`` was set meanwhile.
    """

    def one(artifact: LockedArtifact) -> Path:
        if cancelled.is_set():
            raise EngineError("the installation was interrupted", hint="start again to resume it")
        return fetch_verified(artifact, repository, fetch=fetch, sleep=sleep)

    with ThreadPoolExecutor(_PARALLEL, thread_name_prefix="engine-download") as pool:
        tasks = {pool.submit(one, artifact): artifact for artifact in artifacts}
        pending = set(tasks)
        reported = 0
        try:
            while pending:
                done, pending = wait(pending, timeout=1.0, return_when=FIRST_EXCEPTION)
                for task in done:
                    task.result()
                finished = len(tasks) - len(pending)
                if finished != reported:
                    reported = finished
                    progress(f"downloaded {finished} of {len(tasks)} files")
        except BaseException:
            for task in pending:
                task.cancel()
            raise
    return {artifact: task.result() for task, artifact in tasks.items()}


def _discard_partial(artifact: LockedArtifact, repository: Path) -> None:
    """Delete what a cut download left, since its presence would pass for the whole file."""
    folder = repository.joinpath(*artifact.group.split("."), artifact.name, artifact.version)
    (folder / artifact.file_name).unlink(missing_ok=True)
