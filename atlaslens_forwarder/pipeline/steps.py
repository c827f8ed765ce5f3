"""Names of the points between two steps, where a crash must cost nothing; tests stop at each."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias


class Step(StrEnum):
    """What has just been finished."""

    FETCHED = "fetched"
    NORMALISED = "normalised"
    STORED = "stored"
    QUARANTINED = "quarantined"
    PAGES_DONE = "pages-done"
    LEDGER_WRITTEN = "ledger-written"
    CURSOR_SAVED = "cursor-saved"


OnStep: TypeAlias = Callable[[Step], None]


def nothing(_step: Step) -> None:
    """The observer of production: it does nothing."""
