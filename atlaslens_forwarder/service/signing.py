"""The signing keys of this installation, held against the ids that the store remembers.

A lost key file must not be replaced by a fresh one in silence: whoever trusts the old key would then see
evidence by a stranger.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError, FencedError, StoreError
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.service.custody_log import record_keys

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.proof.signing_file import SigningKeys
    from atlaslens_forwarder.storage.custody import Custody
    from atlaslens_forwarder.storage.state import StateStore

KIND: Final = "signing-keys"
_TRIES: Final = 3


async def signing_keys(path: Path, state: StateStore, custody: Custody, now_ms: int) -> SigningKeys:
    """The keys to sign with, made on first use; the store notes their ids, and the custody log new ones.

    Raises:
        ConfigError: the file cannot be used, is lost, or lacks a key that signed evidence of this store.
        StoreError: the state cannot be read or written.
    """
    for _ in range(_TRIES):
        doc = await state.load(KIND)
        noted = doc.value.get("ids") if doc is not None else None
        known = [str(each) for each in noted] if isinstance(noted, list) else []
        if known and not await asyncio.to_thread(path.exists):
            raise ConfigError(
                f"the signing key file {path} is missing, and evidence of this store was signed with "
                f"{known[-1][:16]}…",
                hint="restore it from your backup",
            )
        keys = signing_file.load_or_create(path, now_ms=now_ms)
        ours = [each.key.id for each in keys.history.introductions]
        lost = [key_id for key_id in known if key_id not in ours]
        if lost:
            raise ConfigError(
                f"the signing key file {path} lacks the key {lost[-1][:16]}… of this store's evidence",
                hint="restore it from your backup",
            )
        if ours == known:
            return keys
        value: JsonObject = {"ids": [*ours]}
        try:
            await state.save(KIND, KIND, value, doc)
        except FencedError:
            continue  # somebody else has noted keys at this moment; compare with those
        await record_keys(custody, {"signing": [each for each in ours if each not in known]})
        return keys
    raise StoreError("the ids of the signing keys could not be noted", hint="try again")
