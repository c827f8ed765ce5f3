"""One node per data folder: a lock that names its holder."""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import time
from typing import TYPE_CHECKING, Any

from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

_LEAVING_S = 30.0
_POLL_S = 0.2


class FolderLock:
    """An exclusive lock on a file that also tells who holds it and where the node answers.

    The kernel releases it when the last process that shares it is gone, so a stale one cannot exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._fd: int | None = None

    def fileno(self) -> int:
        """The descriptor of the held lock, to share it with a child.

        Raises:
            ValueError: it is not held.
        """
        if self._fd is None:
            raise ValueError("the lock is not held")
        return self._fd

    async def acquire(self) -> None:
        """Take the lock. A holder whose process has ended is waited for while its node shuts down.

        Raises:
            EngineError: somebody else runs a node on this folder.
            OSError: the file cannot be opened.
        """
        fd = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            await self._wait_for(fd)
        except BaseException:
            os.close(fd)
            raise
        self._fd = fd
        self._write({"pid": os.getpid()})

    def announce(self, url: str) -> None:
        """Tell others where the node answers."""
        self._write({"pid": os.getpid(), "url": url})

    def release(self) -> None:
        """Give the lock back; harmless when it is not held."""
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    async def _wait_for(self, fd: int) -> None:
        deadline = time.monotonic() + _LEAVING_S
        while not _try_lock(fd):
            holder = self._holder()
            if _is_alive(holder.get("pid")) or time.monotonic() > deadline:
                raise self._in_use(holder)
            await asyncio.sleep(_POLL_S)

    def _write(self, holder: dict[str, Any]) -> None:
        fd = self.fileno()
        os.ftruncate(fd, 0)
        os.pwrite(fd, json.dumps(holder).encode("utf-8"), 0)

    def _holder(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _in_use(self, holder: dict[str, Any]) -> EngineError:
        pid = holder.get("pid", "unknown")
        where = f", it answers at {holder['url']}" if "url" in holder else ""
        return EngineError(
            f"the data folder {self._path.parent} is in use by process {pid}{where}",
            hint="stop that process, use its URL, or choose another data folder",
        )


def _try_lock(fd: int) -> bool:
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_alive(pid: object) -> bool:
    if not isinstance(pid, int):
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process: alive
    return True
