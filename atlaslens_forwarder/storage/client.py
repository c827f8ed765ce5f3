"""Opens the one OpenSearch client of a process, and tells what it is connected to."""

from __future__ import annotations

import base64
import ssl
from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  read by whoever maps settings onto the dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from opensearchpy import AsyncOpenSearch

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.storage.connection import FailoverTransport, QuietConnection
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.signing import SignedConnection, open_signer
from atlaslens_forwarder.storage.tls import client_context

if TYPE_CHECKING:
    from urllib.parse import SplitResult

DEAD_S = 10.0
"""How long a node that did not answer is left alone; longer each time, up to five minutes."""
_OLDEST_MAJOR = 2
_APPEND_ONLY_MAJOR = 3
"""``index.append_only.enabled`` came with 3.0."""


@dataclass(frozen=True, slots=True)
class OpenSearchConfig:
    """How to reach OpenSearch. Secrets are not shown by ``repr``."""

    url: str
    """``http[s]://host[:port][/prefix]``, without user and password; ports default to 80 and 443.

    Several nodes of one cluster are separated by commas: a request that gets no connection to one of them
    goes to another.
    """
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    """PEM file of the authorities to trust instead of the system's."""
    client_cert: Path | None = None
    client_key: Path | None = None
    verify: bool = True
    """False accepts any server certificate; for trials only."""
    timeout_s: float = 60.0
    aws_region: str = ""
    """Requests are signed for OpenSearch that AWS manages there; not when empty."""
    aws_profile: str = ""
    compress: bool = False
    """Gzip request bodies: worth it over a slow network, a waste on loopback."""
    max_connections: int = 10


@dataclass(frozen=True, slots=True)
class ClusterInfo:
    """What ``GET /`` says about the cluster."""

    name: str
    uuid: str
    version: str
    append_only: bool
    """Whether this version knows append-only indices (3.0 and later)."""


def open_client(config: OpenSearchConfig) -> AsyncOpenSearch:
    """A client that logs and warns of nothing by itself; open it inside the loop, ``close()`` is final.

    A request whose connection fails is tried once on each other node. Its work may be done by then, so
    whatever must not happen twice is created under an id of its own or names the version it replaces.

    Raises:
        ConfigError: the URL or a certificate file cannot be used, or there are no credentials to sign with.
    """
    nodes = [_checked_url(url) for url in config.url.split(",")]
    if len({parts.scheme for parts in nodes}) > 1:
        raise ConfigError(
            "the OpenSearch URLs mix http and https", hint="reach all nodes of the cluster in the same way"
        )
    secure = nodes[0].scheme == "https"
    headers = {}
    if config.username:
        # RFC 7617 with UTF-8; the client's own way fails on characters outside latin-1, and shows them.
        pair = f"{config.username}:{config.password}".encode()
        headers["authorization"] = f"Basic {base64.b64encode(pair).decode('ascii')}"
    hosts = [
        {
            "host": parts.hostname,
            "port": parts.port or (443 if secure else 80),
            "use_ssl": secure,
            "url_prefix": parts.path.strip("/"),
        }
        for parts in nodes
    ]
    connection: dict[str, Any] = {"connection_class": QuietConnection}
    if config.aws_region:
        signer = open_signer(config.aws_region, config.aws_profile)
        connection = {"connection_class": SignedConnection, "signer": signer}
    return AsyncOpenSearch(
        hosts=hosts,
        transport_class=FailoverTransport,
        **connection,
        headers=headers,
        ssl_context=_ssl_context(config) if secure else None,
        timeout=config.timeout_s,
        http_compress=config.compress,
        maxsize=config.max_connections,
        max_retries=0,
        dead_timeout=DEAD_S,
    )


async def check_version(client: AsyncOpenSearch, *, doing: str = "tell its version") -> ClusterInfo:
    """Ask which product and version answers; ``doing`` names the attempt in what goes wrong.

    Raises:
        UnreachableError: it does not answer, or refuses us.
        StoreError: it is not OpenSearch 2.x or later.
    """
    with store_errors(doing):
        answer = await client.info()
    version = answer.get("version") if isinstance(answer, dict) else None
    if not isinstance(version, dict) or "number" not in version:
        raise StoreError("what answers is not OpenSearch", hint="check the URL")
    number = str(version["number"])
    if version.get("distribution") != "opensearch":
        raise StoreError(
            f"what answers is not OpenSearch but another product, {number}", hint="check the URL"
        )
    major = int(number.split(".", 1)[0]) if number.split(".", 1)[0].isdigit() else 0
    if major < _OLDEST_MAJOR:
        raise StoreError(f"OpenSearch {number} is too old", hint="use 3.x (2.x only with mutable indices)")
    return ClusterInfo(
        name=str(answer.get("cluster_name", "")),
        uuid=str(answer.get("cluster_uuid", "")),
        version=number,
        append_only=major >= _APPEND_ONLY_MAJOR,
    )


def _checked_url(url: str) -> SplitResult:
    hint = "write it as https://host:9200"
    try:
        parts = urlsplit(url.strip())
        parts.port  # noqa: B018  raises for a port that is no number
    except ValueError:
        # Neither the URL nor the cause is shown: either may hold a password.
        raise ConfigError("the OpenSearch URL cannot be read", hint=hint) from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "the OpenSearch URL holds a user name or password",
            hint="set them as user name and password instead",
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigError("the OpenSearch URL is not http:// or https:// with a host", hint=hint)
    if parts.query or parts.fragment:
        raise ConfigError("the OpenSearch URL holds a query or fragment", hint=hint)
    return parts


def _ssl_context(config: OpenSearchConfig) -> ssl.SSLContext:
    context = client_context(config.ca_file, verify=config.verify)
    if config.client_cert is not None:
        try:
            # A key with a passphrase must fail here, not ask on the terminal.
            context.load_cert_chain(config.client_cert, config.client_key, password=lambda: "")
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"the client certificate {config.client_cert} cannot be used",
                hint="name readable PEM files of the certificate and its key, without passphrase",
            ) from error
    return context
