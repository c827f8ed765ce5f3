"""Which requests must be looked at again, and when: a breach comes by time passing and touches nothing.

Kept in a few documents, by hash of the issue id, so that each stays small: a request with a running promise
takes some forty bytes, one without any takes none.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.source import Memory

SHARDS: Final = 16

_LOST_FOR_MS: Final = 30 * DAY_MS


@dataclass(frozen=True, slots=True)
class Due:
    """When a request is to be looked at again, and its key as it was when it was read.

    ``lost_ms``: since when it is not found. Nothing is inferred from that (access may come back without
    touching it), so it is looked for once a day, for a month.
    """

    at_ms: int
    key: str
    lost_ms: int | None = None

    def not_found(self, now_ms: int) -> Due | None:
        """What to remember of it once it was not found (again), None when that is so for a month."""
        lost_ms = now_ms if self.lost_ms is None else self.lost_ms
        return None if now_ms - lost_ms > _LOST_FOR_MS else Due(now_ms + DAY_MS, self.key, lost_ms)


class Dues:
    """Requests by id with the time to look at them again.

    ``ahead`` is what the reader knows, ``save`` what the store may know: the former runs ahead of the latter
    by the pages whose rows have no outcome yet.
    """

    def __init__(self, memory: Memory) -> None:
        self._memory = memory
        self._saved: dict[int, dict[str, Due]] = {}
        self.ahead: dict[str, Due] = {}

    async def load(self) -> None:
        """Read what was remembered.

        Raises:
            StoreError: the state cannot be read.
        """
        for shard in range(SHARDS):
            value = await self._memory.load(_key(shard)) or {}
            self._saved[shard] = _parse(value)
            self.ahead |= self._saved[shard]

    def look(self, changes: Mapping[str, Due | None]) -> None:
        """Note what was read just now; None: nothing runs there any more."""
        for issue_id, due in changes.items():
            if due is None:
                self.ahead.pop(issue_id, None)
            else:
                self.ahead[issue_id] = due

    def before(self, now_ms: int) -> list[str]:
        """Ids of the requests to be looked at by now, the longest due first."""
        due = sorted((due.at_ms, issue_id) for issue_id, due in self.ahead.items() if due.at_ms <= now_ms)
        return [issue_id for _, issue_id in due]

    async def save(self, changes: Mapping[str, Due | None]) -> None:
        """Remember the changes of one page, all of whose rows have an outcome.

        Raises:
            StoreError: they are not stored.
        """
        touched: set[int] = set()
        for issue_id, due in changes.items():
            shard = zlib.crc32(issue_id.encode()) % SHARDS
            kept = self._saved[shard]
            if kept.get(issue_id) == due:
                continue
            touched.add(shard)
            if due is None:
                del kept[issue_id]
            else:
                kept[issue_id] = due
        for shard in sorted(touched):
            value: JsonObject = {
                issue_id: [due.at_ms, due.key, due.lost_ms]
                for issue_id, due in sorted(self._saved[shard].items())
            }
            await self._memory.save(_key(shard), {"dues": value})


def _key(shard: int) -> str:
    return f"dues-{shard:02d}"


def _parse(value: JsonObject) -> dict[str, Due]:
    dues = value.get("dues")
    found: dict[str, Due] = {}
    for issue_id, due in (dues if isinstance(dues, dict) else {}).items():
        match due:
            case [int() as at_ms, str() as key, (int() | None) as lost_ms]:
                found[issue_id] = Due(at_ms, key, lost_ms)
            case _:
                continue
    return found
