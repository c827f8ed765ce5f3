"""What one item of a ``_bulk`` answer, or the failure of a whole request, means for its documents. Pure."""

from __future__ import annotations

import re
from enum import StrEnum


class ItemOutcome(StrEnum):
    """What OpenSearch did with one ``create``, and what has to be done now."""

    STORED = "stored"
    EXISTS = "exists"
    """A document of this id is there: a repeat or a conflict, which only its hash tells."""
    REJECTED = "rejected"
    """The document itself cannot be mapped: it goes to quarantine."""
    RETRY = "retry"
    """Worth another attempt with the same document."""
    STOP = "stop"
    """Refused for a reason that more attempts do not change; nothing is wrong with the document."""
    SPLIT = "split"
    """The request as a whole was refused for its size or for one of its documents: send halves of it."""


_OK = frozenset({200, 201})
_CONFLICT = 409
_BAD_REQUEST = 400
_TOO_LARGE = 413
_TRANSIENT = frozenset({408, 425, 429})
_SERVER_ERROR = 500

_DOCUMENT_ERROR = re.compile(r"pars|mapp")
"""``mapper_parsing_exception``, ``strict_dynamic_mapping_exception``, ``document_parsing_exception``, …"""
_INDEX_SETUP = re.compile(r"pipeline|write index|alias|append.only|shards open", re.IGNORECASE)
"""Reasons of ``illegal_argument_exception`` that blame the index or the cluster, not the document."""

_UNMAPPED = re.compile(r"dynamic introduction of \[([^\]]*)\] within \[([^\]]*)\]")
_FIELD = re.compile(r"(?:field|object mapping for) \[([^\]]*)\](?: of type \[([^\]]*)\])?|field=\"([^\"]*)\"")
_FIELD_NAME = re.compile(r"[\w@.\-]{1,200}")


def classify(status: int, error_type: str = "", reason: str = "") -> ItemOutcome:
    """The outcome of one item by its HTTP status and error.

    Only a 400 that blames the document is REJECTED: blocks, missing indices, permissions and load say
    nothing about the document, so it must not leave the normal path for them.
    """
    if status in _OK:
        return ItemOutcome.STORED
    if status == _CONFLICT:
        return ItemOutcome.EXISTS
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        return ItemOutcome.RETRY
    if status == _BAD_REQUEST and _blames_document(error_type, reason):
        return ItemOutcome.REJECTED
    return ItemOutcome.STOP


def classify_request(status: int) -> ItemOutcome:
    """What to do when a whole request failed with this status: RETRY, SPLIT or STOP."""
    if status in {_TOO_LARGE, _BAD_REQUEST}:
        return ItemOutcome.SPLIT
    if status in _TRANSIENT or status >= _SERVER_ERROR:
        return ItemOutcome.RETRY
    return ItemOutcome.STOP


def field_at_fault(reason: str) -> str:
    """The field that an error reason blames, and its type; never the content that the reason may quote.

    Empty where no field is named, or where the name is not one that a mapping of ours could have.
    """
    unmapped = _UNMAPPED.search(reason)
    if unmapped is not None:
        name, parent = unmapped.groups()
        path = name if parent == "_doc" else f"{parent}.{name}"
        return f"{path} is not mapped" if _FIELD_NAME.fullmatch(path) else "a field is not mapped"
    named = _FIELD.search(reason)
    if named is None:
        return ""
    path, kind = named[1] or named[3] or "", named[2]
    if not _FIELD_NAME.fullmatch(path):
        return ""
    return f"{path} ({kind})" if kind and _FIELD_NAME.fullmatch(kind) else path


def _blames_document(error_type: str, reason: str) -> bool:
    if error_type == "illegal_argument_exception":
        return _INDEX_SETUP.search(reason) is None
    return _DOCUMENT_ERROR.search(error_type) is not None
