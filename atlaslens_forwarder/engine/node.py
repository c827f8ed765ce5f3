"""A real OpenSearch node as a child process: started, watched and stopped by this process."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Self

import httpx

from atlaslens_forwarder import private_file
from atlaslens_forwarder.engine import config
from atlaslens_forwarder.engine.failure import explain
from atlaslens_forwarder.engine.install import install
from atlaslens_forwarder.engine.install_secured import install_secured
from atlaslens_forwarder.engine.java import JavaRuntime, find_java
from atlaslens_forwarder.engine.ownership import FolderLock
from atlaslens_forwarder.engine.prepare import prepare
from atlaslens_forwarder.engine.spec import OPENSEARCH_VERSION
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable, Mapping
    from pathlib import Path
    from types import TracebackType

    from atlaslens_forwarder.engine.secured import NodeSecurity

START_TIMEOUT_S = 120.0
STOP_GRACE_S = 20.0
_POLL_S = 0.1
_REQUEST_S = 30
_RECOVERY_S = 30
_LOWEST_HEAP_MB = 128


class EmbeddedOpenSearch:
    """One OpenSearch node on the loopback interface, with its data in ``data_dir``.

    It speaks plain HTTP and lets everybody in, unless ``security`` is given (``home`` must then be what
    ``install_secured`` returned).

    ``home`` is what ``install`` returned. ``http_port`` 0 takes a free port, so that nodes do not clash.
    ``quick_start`` is for nodes that live for minutes: see ``config.java_command``. With ``membership`` it is
    one node of a cluster on this machine.
    The node ends with this process, however that ends. Use it as an async context manager, or call
    ``start`` and ``stop``; ``open`` installs first.
    """

    def __init__(
        self,
        home: Path,
        data_dir: Path,
        *,
        heap_mb: int = 512,
        cluster_name: str = "atlaslens",
        http_port: int = 0,
        quick_start: bool = False,
        security: NodeSecurity | None = None,
        membership: config.Membership | None = None,
        java: JavaRuntime | None = None,
        environ: Mapping[str, str] = os.environ,
        start_timeout_s: float = START_TIMEOUT_S,
        stop_grace_s: float = STOP_GRACE_S,
    ) -> None:
        self._home = home.resolve()
        self._folders = config.NodeFolders(data_dir.resolve())
        self._heap_mb = heap_mb
        self._cluster_name = cluster_name
        self._http_port = http_port
        self._quick_start = quick_start
        self._security = security
        self._membership = membership
        self._java = java
        self._environ = environ
        self._start_timeout_s = start_timeout_s
        self._stop_grace_s = stop_grace_s
        self._lock = FolderLock(self._folders.root / "node.lock")
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._url: str | None = None

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        *,
        data_dir: Path,
        cache_dir: Path,
        progress: Callable[[str], None] = lambda _line: None,
        heap_mb: int = 512,
        cluster_name: str = "atlaslens",
        http_port: int = 0,
        quick_start: bool = False,
        security: NodeSecurity | None = None,
    ) -> AsyncIterator[Self]:
        """Install if need be, start, and stop at the end.

        Raises:
            EngineError: see ``install`` and ``start``.
        """
        how = install_secured if security else install
        home = await install_async(cache_dir, progress=progress, how=how)
        progress("starting OpenSearch")
        node = cls(
            home,
            data_dir,
            heap_mb=heap_mb,
            cluster_name=cluster_name,
            http_port=http_port,
            quick_start=quick_start,
            security=security,
        )
        async with node:
            yield node

    @property
    def url(self) -> str:
        """The address of the running node, without a trailing slash.

        Raises:
            EngineError: it does not run.
        """
        if self._url is None:
            raise EngineError("the embedded OpenSearch is not running", hint="start it first")
        return self._url

    @property
    def seed(self) -> str:
        """Where the running node listens for others of its cluster, as ``address:port``.

        Raises:
            EngineError: it does not run.
        """
        _ = self.url
        return self._folders.transport_ports.read_text(encoding="utf-8").split()[0]

    @property
    def log_path(self) -> Path:
        """The node's log."""
        return self._folders.logs / f"{self._cluster_name}.log"

    @property
    def data_dir(self) -> Path:
        """The folder that holds everything of this node."""
        return self._folders.root

    @property
    def is_running(self) -> bool:
        """Whether the node was started and has not ended since, by itself or by ``stop``."""
        return self._watchdog is not None and self._watchdog.poll() is None

    async def start(self) -> str:
        """Start the node and return its URL once it answers requests.

        Raises:
            EngineError: no Java runtime, the folder is in use or cannot be written, or the node ended or did
                not answer in time; the message says why and names the log.
        """
        if self.is_running:
            return self.url
        await self.stop()  # clears up after a node that ended by itself
        java = self._java or find_java(self._environ)
        self._check_heap()
        deadline = time.monotonic() + self._start_timeout_s
        try:
            private_file.make_folder(self._folders.root, private_file.PASSAGE)
            await self._lock.acquire()
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            try:
                # Not in a thread: a cancelled start must still know its process.
                self._watchdog = self._launch(java)
            except OSError as error:
                raise self._unwritable(error) from error
            self._url = await self._await_ready(self._watchdog, deadline)
            self._lock.announce(self._url)
        except BaseException:
            await self.stop()
            raise
        return self._url

    async def stop(self) -> None:
        """Stop the node in order, by force after the grace time; a stopped node is left alone."""
        watchdog, self._watchdog, self._url = self._watchdog, None, None
        if watchdog is not None:
            if watchdog.stdin is not None:
                watchdog.stdin.close()
            try:
                # The watchdog itself kills the node after the grace time, so this ends.
                await asyncio.shield(asyncio.to_thread(watchdog.wait))
            finally:
                self._lock.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _check_heap(self) -> None:
        if self._heap_mb < _LOWEST_HEAP_MB:
            raise EngineError(
                f"a heap of {self._heap_mb} MB is too small for OpenSearch",
                hint=f"give it at least {_LOWEST_HEAP_MB} MB, better 512",
            )

    def _launch(self, java: JavaRuntime) -> subprocess.Popen[bytes]:
        launch = prepare(
            self._home,
            self._folders,
            java=java,
            settings=config.settings(
                self._folders,
                cluster_name=self._cluster_name,
                http_port=self._http_port,
                membership=self._membership,
            )
            | (self._security.settings() if self._security else {}),
            files=self._security.files() if self._security else {},
            heap_mb=self._heap_mb,
            grace_s=self._stop_grace_s,
            quick_start=self._quick_start,
        )
        return subprocess.Popen(
            # -P: a module in the current folder must not take the place of one of ours.
            [sys.executable, "-P", "-m", "atlaslens_forwarder.engine.watchdog", launch.to_json()],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            # The watchdog shares the lock: the folder stays taken until the node is really gone.
            pass_fds=[self._lock.fileno()],
        )

    async def _await_ready(self, watchdog: subprocess.Popen[bytes], deadline: float) -> str:
        trust: ssl.SSLContext | bool = self._security.client_context() if self._security else True
        async with httpx.AsyncClient(trust_env=False, timeout=_REQUEST_S, verify=trust) as client:
            while time.monotonic() < deadline:
                code = watchdog.poll()
                if code is not None:
                    raise explain(self._folders.console, self.log_path, exit_code=code)
                url = self._announced_url()
                if url is not None and await self._answers(client, url):
                    return url
                await asyncio.sleep(_POLL_S)
        raise explain(self._folders.console, self.log_path, exit_code=None)

    def _announced_url(self) -> str | None:
        try:
            lines = self._folders.http_ports.read_text(encoding="utf-8").split()
        except OSError:
            return None
        scheme = "https" if self._security else "http"
        return f"{scheme}://{lines[0]}" if lines else None

    async def _answers(self, client: httpx.AsyncClient, url: str) -> bool:
        try:
            version = (await client.get(url)).json()["version"]["number"]
            # Indices of an earlier run open in the background, and the node counts as red until it has read
            # which there are. One that stays red is no reason not to start: its state is there to be seen.
            await client.get(
                f"{url}/_cluster/health",
                params={"wait_for_status": "yellow", "timeout": f"{_RECOVERY_S}s"},
                timeout=_RECOVERY_S + _REQUEST_S,
            )
        except (httpx.HTTPError, ValueError, KeyError):
            return False
        if version != OPENSEARCH_VERSION:
            raise EngineError(
                f"the embedded node at {url} is OpenSearch {version}, not {OPENSEARCH_VERSION}",
                hint="delete the engine folder, it is installed again",
            )
        return True

    def _unwritable(self, error: OSError) -> EngineError:
        return EngineError(
            f"the data folder {self._folders.root} cannot be used ({error.strerror or type(error).__name__})",
            hint="choose a folder that belongs to you, with free space",
        )


async def install_async(
    cache_dir: Path, *, progress: Callable[[str], None], how: Callable[..., Path] = install
) -> Path:
    """``install`` (or ``install_secured``) in a thread.

    Cancelling the task ends the downloads after the files that are under way.

    Raises:
        EngineError: see ``install``.
    """
    cancelled = threading.Event()
    try:
        return await asyncio.to_thread(how, cache_dir, progress=progress, cancelled=cancelled)
    finally:
        cancelled.set()
