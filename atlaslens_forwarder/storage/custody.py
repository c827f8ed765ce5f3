"""The custody log: numbered, append-only rows about what was done with people's data and with evidence.

Each row has its number as id and is made by ``create``, so that two writers never share one, and holds the
hash of the row before it. A row states ids only, never a name or an address of whom it is about.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from opensearchpy.exceptions import ConflictError

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.storage.errors import store_errors
from atlaslens_forwarder.storage.names import Family

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Collection

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

FORMAT_VERSION: Final = 1
_INDEX: Final = Family.CUSTODY.single_index
_TRIES: Final = 20
_PAGE: Final = 1000


@dataclass(frozen=True, slots=True)
class _Deed:
    """What is to be recorded, before it has a number."""

    action: str
    body: JsonObject
    reason: str
    count: int | None
    sha256: str
    outcome: str


class Custody:
    """Writes and reads the custody log.

    Args:
        client: the store.
        clock: the present, epoch milliseconds.
        stamp: sets ``event.hash`` on a finished row.
        operator: who is at work, such as ``root@host``.
    """

    def __init__(
        self,
        client: AsyncOpenSearch,
        *,
        clock: Callable[[], int],
        stamp: Callable[[JsonObject], None],
        operator: str,
    ) -> None:
        self._client = client
        self._clock = clock
        self._stamp = stamp
        self._operator = operator

    async def record(
        self,
        action: str,
        *,
        body: JsonObject,
        reason: str = "",
        count: int | None = None,
        sha256: str = "",
        outcome: str = "success",
    ) -> int:
        """Add a row and return its number.

        ``sha256`` is that of the file which the row is about, ``outcome`` is ``success`` or ``failure``.

        Raises:
            StoreError: it is not stored.
            UnreachableError: OpenSearch does not answer, or refuses us.
        """
        deed = _Deed(action, body, reason, count, sha256, outcome)
        for _ in range(_TRIES):
            row = self._row(await self._last(), deed)
            number = _number(row)
            with store_errors("write the custody log"):
                try:
                    await self._client.create(
                        index=_INDEX, id=f"{number:012d}", body=row, params={"refresh": "true"}
                    )
                except ConflictError:
                    continue  # another writer was quicker
            return number
        raise StoreError("the custody log could not be written", hint="try again")

    async def rows(self, actions: Collection[str] = ()) -> list[JsonObject]:
        """All rows, oldest first, or those with one of the actions.

        Raises:
            StoreError: they cannot be read.
        """
        return [row async for _, row in self.each(actions)]

    async def each(self, actions: Collection[str] = ()) -> AsyncGenerator[tuple[str, JsonObject]]:
        """The same one by one, each with its id.

        Raises:
            StoreError: they cannot be read.
        """
        body: dict[str, Any] = {
            "size": _PAGE,
            "sort": [{"custody.number": "asc"}, {"_seq_no": "asc"}],
            "query": {"terms": {"event.action": [*actions]}} if actions else {"match_all": {}},
        }
        with store_errors("read the custody log"):
            await self._client.indices.refresh(index=_INDEX)
        while True:
            with store_errors("read the custody log"):
                answer = await self._client.search(index=_INDEX, body=body)
            if answer["timed_out"] or answer["_shards"]["failed"]:
                raise StoreError("OpenSearch did not return all of the custody log", hint="see its log")
            hits = answer["hits"]["hits"]
            for hit in hits:
                yield str(hit["_id"]), hit["_source"]
            if len(hits) < _PAGE:
                return
            body["search_after"] = hits[-1]["sort"]

    async def _last(self) -> JsonObject | None:
        body = {"size": 1, "sort": [{"custody.number": "desc"}]}
        with store_errors("read the custody log"):
            await self._client.indices.refresh(index=_INDEX)
            hits = (await self._client.search(index=_INDEX, body=body))["hits"]["hits"]
        return hits[0]["_source"] if hits else None

    def _row(self, last: JsonObject | None, deed: _Deed) -> JsonObject:
        number = 1 if last is None else _number(last) + 1
        now = iso_ms(self._clock())
        custody: JsonObject = {
            "number": number,
            "format_version": FORMAT_VERSION,
            "body": json.dumps(deed.body, sort_keys=True, ensure_ascii=False),
        }
        before = last.get("event") if last is not None else None
        if isinstance(before, dict):
            custody["previous_hash"] = before.get("hash")
        if deed.reason:
            custody["reason"] = deed.reason
        if deed.count is not None:
            custody["count"] = deed.count
        if deed.sha256:
            custody["sha256"] = deed.sha256
        row: JsonObject = {
            "@timestamp": now,
            "event": {
                "id": f"custody:{number:012d}",
                "action": deed.action,
                "outcome": deed.outcome,
                "ingested": now,
            },
            "user": {"name": self._operator},
            "custody": custody,
        }
        self._stamp(row)
        return row


def _number(row: JsonObject) -> int:
    custody = row.get("custody")
    number = custody.get("number") if isinstance(custody, dict) else None
    if not isinstance(number, int):
        raise StoreError("the custody log has a row without a number", hint="see who wrote it")
    return number
