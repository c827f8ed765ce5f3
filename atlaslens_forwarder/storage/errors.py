"""The one place where failures of the OpenSearch client become errors of this product.

Messages name the operation, the status and OpenSearch's error type; of its reason they keep what cannot hold
the content of a document. The original exception is not chained: it carries whole answer bodies.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

import aiohttp
from opensearchpy.exceptions import (
    ConnectionError as ClientConnectionError,
)
from opensearchpy.exceptions import (
    ConnectionTimeout,
    OpenSearchException,
    SerializationError,
    TransportError,
)

from atlaslens_forwarder.errors import AtlaslensError, StoreError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Iterator

_REASON_LIMIT = 300
_EXPIRED = 10
_OTHER_HOST = frozenset({62, 64})
"""Host name and IP address."""
_CLIENT_ALERT = re.compile(r"ALERT_(\w*CERTIFICATE\w*|UNKNOWN_CA)")
_PERMISSION = re.compile(r"no permissions for \[([\w:/*, \[\]-]+?)\] and")
_CONTENT = re.compile(r"(Preview of field's value|in document with id|original message).*", re.DOTALL)


@contextmanager
def store_errors(doing: str) -> Iterator[None]:
    """Translate what the client raises inside the block; ``doing`` completes "OpenSearch refused to …"."""
    try:
        yield
    except OpenSearchException as error:
        raise translate(error, doing) from None


def translate(error: OpenSearchException, doing: str) -> AtlaslensError:
    """The product's error for a failure of the client: unreachable, refused, or failed."""
    if isinstance(error, ConnectionTimeout):
        return UnreachableError(
            f"OpenSearch did not answer in time to {doing}", hint="see whether it is overloaded"
        )
    if isinstance(error, ClientConnectionError):
        return _no_connection(error)
    if isinstance(error, SerializationError):
        return StoreError(
            f"the answer to {doing} is not JSON",
            hint="check that the URL is that of OpenSearch, not of a proxy's page",
        )
    if isinstance(error, TransportError):
        return _refused(error, doing)
    return StoreError(f"OpenSearch client failed to {doing} ({type(error).__name__})")


def error_type(error: TransportError) -> str:
    """OpenSearch's name for the failure, e.g. ``index_not_found_exception``; empty if it gave none."""
    return str(_root_cause(error).get("type") or "")


def is_tls_failure(error: ClientConnectionError) -> bool:
    """Whether trust or TLS itself failed: trying again does not help."""
    return isinstance(error.info, aiohttp.ClientSSLError | aiohttp.ServerFingerprintMismatch)


def _no_connection(error: ClientConnectionError) -> UnreachableError:
    cause = error.info
    where = "OpenSearch"
    if isinstance(cause, aiohttp.ClientConnectorError):
        where = f"OpenSearch at {cause.host}:{cause.port}"
    if isinstance(cause, aiohttp.ClientConnectorCertificateError):
        return _untrusted(cause.certificate_error, where)
    alert = _alert(cause)
    if alert:
        return UnreachableError(
            f"{where} does not take our client certificate ({alert})",
            hint="set CLIENT_CERT and CLIENT_KEY to one that is valid and signed by an authority it trusts",
        )
    if isinstance(cause, aiohttp.ClientSSLError):
        return UnreachableError(
            f"no TLS connection to {where}",
            hint="check http against https in the URL, and the client certificate",
        )
    if isinstance(cause, aiohttp.ServerConnectionError | aiohttp.ClientOSError) and not isinstance(
        cause, aiohttp.ClientConnectorError
    ):
        return UnreachableError(
            f"{where} closed the connection", hint="see its log; if it speaks TLS, use https in the URL"
        )
    return UnreachableError(f"{where} does not answer", hint="check the URL, and that it is running")


def _untrusted(error: Exception, where: str) -> UnreachableError:
    """What is wrong with the server's certificate, by OpenSSL's number (X509_verify_cert_error_string(3))."""
    code = getattr(error, "verify_code", None)
    if code == _EXPIRED:
        return UnreachableError(f"the certificate of {where} has expired", hint="renew it in OpenSearch")
    if code in _OTHER_HOST:
        return UnreachableError(
            f"the certificate of {where} is for another host",
            hint="use a name that is in it in the URL, or have it made for this one",
        )
    return UnreachableError(
        f"the certificate of {where} is signed by nobody we trust",
        hint="set ATLASLENS_OPENSEARCH__CA_FILE to the authority that signed it",
    )


def _alert(cause: object) -> str:
    """The TLS alert by which the server refused our certificate, empty when it is something else.

    With TLS 1.3 it comes after the handshake, as an error of the connection.
    """
    found = _CLIENT_ALERT.search(str(cause))
    return found.group(1).lower().replace("_", " ") if found else ""


def _refused(error: TransportError, doing: str) -> AtlaslensError:
    status = error.status_code
    kind = error_type(error)
    blocked = "cluster_block" in kind
    if status == 401:  # noqa: PLR2004
        return UnreachableError(
            f"OpenSearch does not accept the credentials to {doing} (401)",
            hint="check user name and password, or the client certificate",
        )
    if status == 403 and not blocked:  # noqa: PLR2004
        return UnreachableError(
            f"the OpenSearch account may not {doing} (403)",
            hint=_lacking(error) or "give its role the permissions in docs/security.md",
        )
    named = f"{status} {kind}".strip()
    hint = "see whether a disk is full or an index is set read-only" if blocked else _reason(error)
    return StoreError(f"OpenSearch refused to {doing} ({named})", hint=hint)


def _root_cause(error: TransportError) -> dict[str, object]:
    info = error.info if len(error.args) > 2 else None  # noqa: PLR2004
    cause = info.get("error") if isinstance(info, dict) else None
    return cause if isinstance(cause, dict) else {}


def _lacking(error: TransportError) -> str:
    """The permission that the security plugin misses; its whole reason names the user as well."""
    found = _PERMISSION.search(str(_root_cause(error).get("reason") or ""))
    return f"its role lacks {found.group(1)}, see docs/security.md" if found else ""


def _reason(error: TransportError) -> str:
    reason = _CONTENT.sub("", str(_root_cause(error).get("reason") or ""))
    return reason[:_REASON_LIMIT].strip(" .,;:[")
