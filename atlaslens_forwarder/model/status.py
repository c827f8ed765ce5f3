"""The state of one source, in a closed vocabulary shown to people, metrics and the state index."""

from __future__ import annotations

from enum import StrEnum


class SourceStatus(StrEnum):
    """What the last contact with a source proved."""

    OK = "ok"
    SILENT = "silent"
    """It was read to the end and had nothing for unusually long, which is no proof that nothing happened."""
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

    @property
    def read(self) -> bool:
        """Whether the round read everything it wanted, be it little or nothing."""
        return self in {SourceStatus.OK, SourceStatus.SILENT}
