"""``/metrics``, ``/healthz`` and ``/readyz``, from a thread that answers while the loop hangs."""

from __future__ import annotations

import json
import threading
from socketserver import ThreadingMixIn
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import make_wsgi_app

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType
    from typing import Self
    from wsgiref.types import StartResponse, WSGIEnvironment

    from prometheus_client import CollectorRegistry

    from atlaslens_forwarder.model.json import JsonObject


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _QuietHandler(WSGIRequestHandler):
    def log_message(self, *_args: object) -> None:
        """Say nothing: scrapes are no news."""


class Endpoints:
    """Serves metrics and probes until closed.

    Args:
        host: address to listen on.
        port: port, 0 for a free one.
        registry: metrics to show.
        healthy: whether the process still works, with details as JSON.
        ready: whether it has begun its work, likewise.

    Raises:
        ConfigError: the address cannot be listened on.
    """

    def __init__(
        self,
        host: str,
        port: int,
        registry: CollectorRegistry,
        *,
        healthy: Callable[[], tuple[bool, JsonObject]],
        ready: Callable[[], tuple[bool, JsonObject]],
    ) -> None:
        metrics = make_wsgi_app(registry)
        probes = {"/healthz": healthy, "/readyz": ready}

        def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            if path == "/metrics":
                shown: Iterable[bytes] = metrics(environ, start_response)
                return shown
            if path in probes:
                good, detail = probes[path]()
                return _json(start_response, "200 OK" if good else "503 Service Unavailable", detail)
            return _json(start_response, "404 Not Found", {"paths": ["/metrics", *probes]})

        try:
            self._server = make_server(host, port, app, server_class=_Server, handler_class=_QuietHandler)
        except (OSError, OverflowError) as error:
            raise ConfigError(
                f"cannot listen on {host}:{port}",
                hint="set ATLASLENS_SERVICE__LISTEN_PORT to a free port, or 0 for any",
            ) from error
        self._thread = threading.Thread(target=self._server.serve_forever, name="endpoints", daemon=True)

    @property
    def url(self) -> str:
        """Where the endpoints are."""
        host, port = self._server.server_address[:2]
        return f"http://{host!s}:{port}"

    def __enter__(self) -> Self:
        """Start serving."""
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def _json(start_response: StartResponse, status: str, value: JsonObject) -> list[bytes]:
    body = json.dumps(value).encode()
    start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
    return [body]
