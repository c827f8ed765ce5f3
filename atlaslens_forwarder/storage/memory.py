"""What a source remembers between windows: small documents of its connector in ``atlaslens-state``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.state import StateDoc, StateStore

KIND: Final = "memory"


class SourceMemory:
    """The memory of one connector; two forwarders that write one key are told apart by fencing."""

    def __init__(self, state: StateStore, connector: ConnectorId) -> None:
        self._state = state
        self._connector = connector
        self._seen: dict[str, StateDoc | None] = {}

    async def load(self, key: str) -> JsonObject | None:
        """What was saved under the key, None when nothing was.

        Raises:
            StoreError: the state cannot be read.
        """
        self._seen[key] = doc = await self._state.load(self._id(key))
        return None if doc is None else doc.value

    async def save(self, key: str, value: JsonObject) -> None:
        """Remember.

        Raises:
            FencedError: another forwarder has changed it since it was loaded; the window is read again.
            StoreError: it is not stored.
        """
        if key not in self._seen:
            await self.load(key)
        self._seen[key] = await self._state.save(
            self._id(key), KIND, value, self._seen[key], connector=str(self._connector)
        )

    def _id(self, key: str) -> str:
        return f"{KIND}:{self._connector}:{key}"
