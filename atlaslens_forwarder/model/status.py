"""The state of one source, in a closed vocabulary shown to people, metrics and the state index."""

from __future__ import annotations

from enum import StrEnum


class SourceStatus(StrEnum):
    """What the last contact with a source proved."""

    OK = "ok"
    NEVER_RUN = "never-run"
    NO_PERMISSION = "no-permission"
    NO_PLAN = "no-plan"
    NO_SCOPE = "no-scope"
    EXPIRED = "expired"
    THROTTLED = "throttled"
    UNREACHABLE = "unreachable"
    UNREADABLE = "unreadable"
    """The answers do not have the documented form."""
    STORE_FAILED = "store-failed"
    """The source answered; OpenSearch did not take the events."""
