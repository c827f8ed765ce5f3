"""The files of a bundle that follow from the others, byte for byte: key files, how-to, check sums. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.layout import CHECKSUMS, ENVELOPE_TYPE, HOW_TO, in_order, key_name
from atlaslens_forwarder.evidence.stamp import stamp_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlaslens_forwarder.evidence.manifest import Claims
    from atlaslens_forwarder.evidence.redaction import Redaction
    from atlaslens_forwarder.proof.key_history import KeyHistory

_HOW_TO = """\
EVIDENCE BUNDLE

{stamp}

HOW TO CHECK IT

With the tool that made it, without any network:

    atlaslens-forwarder verify FOLDER_OR_ZIP --trust KEY_ID

KEY_ID is the id of the signing key, told to you by the exporter on another way than this bundle.

Without that tool, in this folder (of a zip: after unpacking it):

    sha256sum -c SHA256SUMS
    KEY={key_id}
    printf 'DSSEv1 {type_length} {type} %d ' $(wc -c < manifest.json) > /tmp/signed.bin
    cat manifest.json >> /tmp/signed.bin
    sed -n 's/.*"keyid":"'$KEY'","sig":"\\([^"]*\\)".*/\\1/p' manifest.dsse.json | base64 -d > /tmp/sig.bin
    openssl pkeyutl -verify -pubin -inkey keys/$KEY.pem -rawin -in /tmp/signed.bin -sigfile /tmp/sig.bin
    openssl pkey -pubin -in keys/$KEY.pem -outform DER | sha256sum

The last line prints the id of the key. manifest.json lists the SHA-256 of events and reports.
{redacted}The format is specified in docs/evidence.md of atlaslens-forwarder.
"""
_REDACTED = """\
This bundle is REDACTED: manifest.json lists the files as they were exported, redaction.json those that are
here. Each row that is here is still proven by its leaf in rows.txt and by the Merkle root.
"""


def how_to(claims: Claims, redaction: Redaction | None = None) -> bytes:
    """``VERIFY.txt``."""
    stamp = stamp_of(claims, redaction)
    width = max(len(name) for name, _ in stamp)
    return _HOW_TO.format(
        stamp="\n".join(f"{name:<{width}}  {_one_line(value)}" for name, value in stamp),
        type_length=len(ENVELOPE_TYPE),
        type=ENVELOPE_TYPE,
        key_id=claims.signing_keys[0],
        redacted=_REDACTED if redaction is not None else "",
    ).encode()


def key_files(histories: Iterable[KeyHistory]) -> dict[str, bytes]:
    """The public keys one by one, as ``openssl`` reads them."""
    return {key_name(each.key.id): each.key.pem.encode() for one in histories for each in one.introductions}


def derived(
    claims: Claims, histories: Iterable[KeyHistory], redaction: Redaction | None = None
) -> dict[str, bytes]:
    """Every file that follows from the rest, but the check sums."""
    return {HOW_TO: how_to(claims, redaction), **key_files(histories)}


def checksums(digests: Mapping[str, str]) -> bytes:
    """``SHA256SUMS``: a line for every other file, as ``sha256sum`` writes it."""
    names = in_order(name for name in digests if name != CHECKSUMS)
    return "".join(f"{digests[name]}  {name}\n" for name in names).encode()


def _one_line(value: str) -> str:
    """Names from Atlassian may hold line ends; in this text they must not begin a line of their own."""
    return " ".join(value.split())
