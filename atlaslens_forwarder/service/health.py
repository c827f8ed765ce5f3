"""What is known of a connector's health, kept in ``atlaslens-state`` for other processes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.state import StateStore

KIND = "health"


@dataclass(frozen=True, slots=True)
class Health:
    """State of a connector; times are epoch milliseconds, None where it never happened."""

    status: SourceStatus = SourceStatus.NEVER_RUN
    status_since_ms: int | None = None
    last_round_ms: int | None = None
    last_success_ms: int | None = None
    message: str = ""
    hint: str = ""

    def after_round(self, status: SourceStatus, now_ms: int, message: str = "", hint: str = "") -> Health:
        """Health after a round that ended in ``status``."""
        return replace(
            self,
            status=status,
            status_since_ms=self.status_since_ms
            if status is self.status and self.status_since_ms
            else now_ms,
            last_round_ms=now_ms,
            last_success_ms=now_ms if status.read else self.last_success_ms,
            message=message,
            hint=hint,
        )

    def to_json(self) -> JsonObject:
        """JSON form for the state index and for ``status --json``."""
        return {**asdict(self), "status": self.status.value}

    @classmethod
    def from_json(cls, value: JsonObject) -> Health:
        """Read what :meth:`to_json` wrote; what cannot be read is no evidence and counts as never run."""

        def time(key: str) -> int | None:
            found = value.get(key)
            return found if isinstance(found, int) else None

        try:
            status = SourceStatus(str(value.get("status")))
        except ValueError:
            return cls()
        return cls(
            status=status,
            status_since_ms=time("status_since_ms"),
            last_round_ms=time("last_round_ms"),
            last_success_ms=time("last_success_ms"),
            message=str(value.get("message", "")),
            hint=str(value.get("hint", "")),
        )


async def load_health(state: StateStore, connector: ConnectorId) -> Health:
    """The stored health of a connector.

    Raises:
        StoreError: the state cannot be read.
    """
    doc = await state.load(f"{KIND}:{connector}")
    return Health() if doc is None else Health.from_json(doc.value)


async def save_health(state: StateStore, connector: ConnectorId, health: Health) -> None:
    """Store health; the last writer wins, since each writes what it has just seen.

    Raises:
        StoreError: it is not stored.
    """
    doc_id = f"{KIND}:{connector}"
    for _ in range(3):
        try:
            await state.save(
                doc_id, KIND, health.to_json(), await state.load(doc_id), connector=str(connector)
            )
        except FencedError:
            continue
        return
