"""What a manifest states of the store it was read from, read without that store. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


def all_append_only(store: JsonObject) -> bool:
    """Whether every index of a described store refuses changes."""
    indices = store.get("indices")
    return isinstance(indices, list) and all(
        isinstance(entry, dict) and entry.get("append_only") is True for entry in indices
    )
