"""What a verification can say. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


class Kind(StrEnum):
    """What is wrong with the store or with the chain of its seals."""

    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    RANGE_DIFFERS = "range-differs"
    INDEX_MISSING = "index-missing"
    INDEX_UNREAD = "index-unread"
    INDEX_MUTABLE = "index-mutable"
    SEAL_MISSING = "seal-missing"
    SEAL_FORGED = "seal-forged"
    SEAL_MISPLACED = "seal-misplaced"
    SEAL_DUPLICATE = "seal-duplicate"
    CHAIN_BROKEN = "chain-broken"
    HEAD_DIFFERS = "head-differs"
    ROLLED_BACK = "rolled-back"
    STAMP_INVALID = "stamp-invalid"


class Notice(StrEnum):
    """What has to be said and is no fault by itself."""

    REBUILT = "index-rebuilt"
    EXPIRED = "index-expired"
    SEALS_MISSED = "seals-missed"
    UNCHECKED = "not-checked"
    MUTABLE = "store-mutable"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as sealed. What does not apply is None."""

    kind: Kind
    detail: str = ""
    seal: int | None = None
    index: str | None = None
    shard: int | None = None
    seq_no: int | None = None
    id: str | None = None

    def to_json(self) -> JsonObject:
        """JSON form, without what does not apply."""
        parts: JsonObject = {
            "kind": self.kind.value,
            "seal": self.seal,
            "index": self.index,
            "shard": self.shard,
            "seq_no": self.seq_no,
            "id": self.id,
            "detail": self.detail or None,
        }
        return {name: value for name, value in parts.items() if value is not None}


@dataclass(slots=True)
class Verdict:
    """All that a verification found; good exactly when there are no findings."""

    findings: list[Finding] = field(default_factory=list)
    notices: list[tuple[Notice, str]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def ok(self) -> bool:
        """Whether everything is as sealed."""
        return not self.findings

    def find(self, kind: Kind, detail: str = "", *, seal: int | None = None) -> None:
        """Add a finding about the chain."""
        self.findings.append(Finding(kind, detail, seal))

    def notice(self, notice: Notice, detail: str) -> None:
        """Add something that has to be said, once."""
        if (notice, detail) not in self.notices:
            self.notices.append((notice, detail))
