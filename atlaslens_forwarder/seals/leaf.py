"""The leaves of a seal: one per document, over its place in the engine's order, its id and its content. Pure.

A leaf covers the whole ``_source``: ``event.hash``, and with it our claim that the event is ours, and what
that leaves out. So whoever may read the store can check a seal without any secret of ours.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.proof.merkle import leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject


@dataclass(frozen=True, slots=True)
class Document:
    """A document as a shard holds it."""

    seq_no: int
    id: str
    source: JsonObject


@dataclass(frozen=True, slots=True)
class Leaf:
    """What a seal knows of a document."""

    seq_no: int
    id: str
    sha256: str

    @classmethod
    def of(cls, document: Document) -> Leaf:
        """The leaf of a document."""
        return cls(document.seq_no, document.id, content_sha256(document.source))

    def data(self) -> bytes:
        """The bytes under the tree, RFC 8785: ``["<seq_no>","<id>","<sha256 of the content>"]``.

        The number is written as text, since a sequence number may exceed what RFC 8785 lets through.
        """
        return canonical_bytes([str(self.seq_no), self.id, self.sha256])

    @classmethod
    def read(cls, line: bytes) -> Leaf:
        """Read what :meth:`data` wrote.

        Raises:
            ValueError: it is something else.
        """
        try:
            seq_no, document_id, sha256 = json.loads(line)
            leaf = cls(int(seq_no), document_id, sha256)
            exact = leaf.data() == line
        except (TypeError, AttributeError, RecursionError):
            exact = False
        if not exact:
            raise ValueError("not a leaf")
        return leaf


def root_hex(leaves: Iterable[bytes]) -> str:
    """The Merkle root (RFC 6962) over the data of leaves, in hex."""
    return root_of(map(leaf_hash, leaves)).hex()


def content_sha256(source: JsonObject) -> str:
    """SHA-256 over the document in RFC 8785 form.

    None of our documents lacks that form. For a foreign one that does (such as one with a number beyond
    2^53) it is JSON with sorted keys, ASCII only, without white space, after the line ``no RFC 8785 form``.
    """
    try:
        data = canonical_bytes(source)
    except ValueError:
        text = json.dumps(source, sort_keys=True, separators=(",", ":"))
        data = b"no RFC 8785 form\n" + text.encode()
    return hashlib.sha256(data).hexdigest()
