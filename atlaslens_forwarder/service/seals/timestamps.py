"""Time stamps of seals by an authority (RFC 3161), asked over HTTP and verified against its roots.

A stamp covers the payload of a seal, so it proves that the seal, and with it all that it covers, was there at
that time. Needs the extra ``timestamp``.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Final

import httpx
from cryptography import x509

from atlaslens_forwarder.errors import ConfigError, FormatError
from atlaslens_forwarder.http.bounded import read_bounded

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from atlaslens_forwarder.seals.seal import SignedSeal
    from atlaslens_forwarder.service.seals.folder import SealFolder

TIMEOUT_S: Final = 20.0
_DETAILS: Final = re.compile(r"\s*(?:ParseError|ErrorStack|[\[{\n])")
"""Where the library's messages go on with internals."""
_QUERY: Final = {"content-type": "application/timestamp-query", "accept": "application/timestamp-reply"}


class StampVerifier:
    """Verifies time stamps against the certificates of an authority that is trusted."""

    def __init__(self, roots: Sequence[x509.Certificate]) -> None:
        try:
            import rfc3161_client  # noqa: PLC0415  an optional extra
        except ImportError:
            raise ConfigError(
                "time stamps need a package that is not installed",
                hint="install atlaslens-forwarder[timestamp]",
            ) from None
        self._rfc3161 = rfc3161_client
        self._roots = roots

    @classmethod
    def from_file(cls, path: Path) -> StampVerifier:
        """A verifier with the certificates of a PEM file: roots, and intermediates that answers leave out.

        Raises:
            ConfigError: it cannot be read, holds no certificate, or the extra is missing.
        """
        try:
            return cls(x509.load_pem_x509_certificates(path.read_bytes()))
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"the certificates of the time-stamp authority {path} cannot be used",
                hint="name a readable PEM file",
            ) from error

    def request(self, payload: bytes) -> bytes:
        """The request for a stamp over a payload, in DER."""
        builder = self._rfc3161.TimestampRequestBuilder().data(payload)
        return builder.hash_algorithm(self._rfc3161.HashAlgorithm.SHA256).build().as_bytes()

    def problem(self, answer: bytes, payload: bytes) -> str:
        """Why an answer is no valid stamp over a payload; empty when it is one."""
        builder = self._rfc3161.VerifierBuilder()
        for root in self._roots:
            builder = builder.add_root_certificate(root)
        try:
            response = self._rfc3161.decode_timestamp_response(answer)
            builder.build().verify_message(response, payload)
        except (ValueError, self._rfc3161.VerificationError) as error:
            return _DETAILS.split(str(error), maxsplit=1)[0].strip(" :") or "it cannot be read"
        return ""


class StampAuthority:
    """Asks an authority for a stamp over each new seal, and keeps it in the data folder."""

    name = "timestamp"

    def __init__(
        self, url: str, verifier: StampVerifier, folder: SealFolder, http: httpx.AsyncClient
    ) -> None:
        self._url = url
        self._verifier = verifier
        self._folder = folder
        self._http = http

    async def tell(self, signed: SignedSeal) -> str:
        """Ask once; what comes is kept only when it verifies."""
        payload = signed.envelope.payload
        try:
            async with self._http.stream(
                "POST",
                self._url,
                content=self._verifier.request(payload),
                headers=_QUERY,
                timeout=TIMEOUT_S,
            ) as answer:
                stamp = await read_bounded(answer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return type(error).__name__
        except FormatError as error:
            return error.message
        if not answer.is_success:
            return f"status {answer.status_code}"
        problem = self._verifier.problem(stamp, payload)
        if not problem:
            self._folder.save_stamp(signed.seal.number, stamp)
        return problem


def token_text(answer: bytes) -> str:
    """A stamp as the next seal carries it."""
    return base64.b64encode(answer).decode()
