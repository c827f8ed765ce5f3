"""The HTTP connections under the client: silent, and without the warnings of their base class.

The base class logs failed requests with a traceback and, at debug level, whole bodies; it turns ``Warning``
headers into Python warnings, after the request was carried out. Neither may reach a user of this product:
failures are told once, by the exceptions of ``atlaslens_forwarder.errors``.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import aiohttp
from opensearchpy import AIOHttpConnection, AsyncTransport
from opensearchpy._async.http_aiohttp import OpenSearchClientResponse
from opensearchpy.exceptions import ConnectionError as ClientConnectionError
from opensearchpy.exceptions import ConnectionTimeout

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping


class QuietConnection(AIOHttpConnection):
    """One pool of connections to one URL."""

    async def perform_request(  # noqa: PLR0917
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the base class's own signature
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Send a request; a body goes as a file object, since aiohttp warns of plain bytes above 1 MiB."""
        payload: Any = body if self.http_compress or not body else io.BytesIO(body)
        return await super().perform_request(method, url, params, payload, timeout, ignore, headers)

    def _gzip_compress(self, body: Any) -> Any:
        return io.BytesIO(super()._gzip_compress(body))

    async def _create_aiohttp_session(self) -> None:
        # Differs from the base class in one thing: no enable_cleanup_closed, which newer Pythons warn about.
        self.session = aiohttp.ClientSession(
            headers=self.headers,
            skip_auto_headers=("accept", "accept-encoding"),
            cookie_jar=aiohttp.DummyCookieJar(),
            response_class=OpenSearchClientResponse,
            connector=aiohttp.TCPConnector(limit=self._limit or 0, ssl=self._ssl_context or True),
        )

    def _raise_warnings(self, warning_headers: Any) -> None:
        """Ignore ``Warning`` headers: they speak to developers of clients, not to users."""

    def log_request_success(self, *_args: Any, **_kwargs: Any) -> None:
        """Log nothing."""

    def log_request_fail(self, *_args: Any, **_kwargs: Any) -> None:
        """Log nothing."""


class FailoverTransport(AsyncTransport):
    """Connections to all nodes of a cluster; a request goes to the next one when its connection fails."""

    async def perform_request(  # noqa: PLR0917
        self,
        method: str,
        url: str,
        params: Mapping[str, Any] | None = None,
        body: bytes | None = None,
        timeout: float | None = None,  # noqa: ASYNC109  the base class's own signature
        ignore: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Any:
        """Try once on each node, but not after a time-out, which says nothing about the node.

        Bulk requests are sent again by the sink only: it alone can tell what a lost one has done.
        """
        left = 0 if url.endswith("/_bulk") else len(self.hosts) - 1
        while True:
            try:
                return await super().perform_request(method, url, params, body, timeout, ignore, headers)
            except ClientConnectionError as error:
                if not left or isinstance(error, ConnectionTimeout):
                    raise
                left -= 1

    async def close(self) -> None:
        """Close all connections for good, those to dead nodes too, which the base class forgets."""
        await super().close()
        for connection, _ in self.connection_pool.connection_opts:
            await connection.close()
