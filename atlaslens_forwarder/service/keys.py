"""The keys of a store: noted by their ids, never written over, followed when they are rotated."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError, FencedError
from atlaslens_forwarder.privacy.keyring import KeyUse
from atlaslens_forwarder.service.custody_log import record_keys

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.privacy.key_file import KeyFileWatch
    from atlaslens_forwarder.privacy.keyring import Keyring
    from atlaslens_forwarder.storage.custody import Custody
    from atlaslens_forwarder.storage.state import StateStore

KIND = "keyring"


class KeyCheck:
    """Holds the key file against the key ids that the store remembers."""

    def __init__(self, keyring: Keyring, watch: KeyFileWatch, state: StateStore, custody: Custody) -> None:
        self._keyring = keyring
        self._watch = watch
        self._state = state
        self._custody = custody

    async def check(self) -> None:
        """Refuse to write with keys other than those the store was begun with; note the ids of new ones.

        New ones are recorded in the custody log.

        With a lost and newly made key file every row read again would look altered.

        Raises:
            ConfigError: a key that the store was written with is not in the key file.
            StoreError: the state cannot be read or written.
        """
        for _ in range(2):
            doc = await self._state.load(KIND)
            known: JsonObject = doc.value if doc is not None else {}
            ours: JsonObject = {use.value: [*self._keyring.ids(use)] for use in KeyUse}
            for use in KeyUse:
                then = known.get(use.value, [])
                missing = set(then if isinstance(then, list) else []) - set(self._keyring.ids(use))
                if missing:
                    raise ConfigError(
                        f"the key file lacks the {use.value} key {min(map(str, missing))} of this store",
                        hint="restore the key file from your backup",
                    )
            if known == ours:
                return
            # Recorded first: a row too many, where two forwarders begin at once, is better than none.
            await record_keys(self._custody, _added(known, ours))
            try:
                await self._state.save(KIND, KIND, ours, doc)
            except FencedError:
                continue  # another forwarder has just begun; compare with what it wrote
            return

    async def follow(self) -> bool:
        """Go over to keys that were added to the file since; whether there were any.

        Raises:
            ConfigError: the file is damaged, gone, or lacks a key; the keys in use stay.
            StoreError: the state cannot be read or written.
        """
        if not self._watch.follow():
            return False
        await self.check()
        return True


def _added(known: JsonObject, ours: JsonObject) -> dict[str, list[str]]:
    """The ids of keys that the store has not seen yet, by use."""
    found: dict[str, list[str]] = {}
    for use, ids in ours.items():
        then = known.get(use)
        before = {*map(str, then)} if isinstance(then, list) else set()
        new = [str(each) for each in ids if each not in before] if isinstance(ids, list) else []
        if new:
            found[use] = new
    return found
