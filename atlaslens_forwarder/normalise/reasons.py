"""Why a row became no event: a closed vocabulary, counted in the window ledger and kept in quarantine."""

from __future__ import annotations

from enum import StrEnum


class RejectReason(StrEnum):
    """What is wrong with a row; the field concerned is named in ``Rejected.detail``, never its content."""

    UNREADABLE_TIME = "unreadable-time"
    """The row's own time is absent or has no known form, so it belongs to no month."""
    WRONG_TYPE = "wrong-type"
    """A documented field holds another JSON type than documented."""
    NO_CANONICAL_FORM = "no-canonical-form"
    """The row has no RFC 8785 form (a lone surrogate, a number out of range), so it can be neither hashed nor
    stored as it is."""


class WrongTypeError(Exception):
    """Internal to this package: the field at ``path`` has a JSON type that is not documented."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path
