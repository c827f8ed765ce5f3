"""Which version set a store up: refuses one that a newer forwarder set up. Pure.

Templates and the mappings of indices carry the version of what they describe in ``_meta``, so the store
remembers it, also after a snapshot was restored without its templates. Templates name the forwarder too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject

PRODUCT = "atlaslens-forwarder"


def schema_version(described: JsonObject) -> int:
    """The version in ``_meta`` of a template or mapping; 0 where it is not ours or says none."""
    meta = described.get("_meta")
    version = meta.get("version") if isinstance(meta, dict) and meta.get("product") == PRODUCT else None
    return version if isinstance(version, int) else 0


def refuse_newer(found: Iterable[JsonObject], ours: int) -> None:
    """Check templates and mappings that the store has against the version that this forwarder brings.

    Raises:
        ConfigError: one of them is newer; the message names both versions.
    """
    newest = max(found, key=schema_version, default={})
    if schema_version(newest) <= ours:
        return
    meta = newest["_meta"]
    forwarder = str(meta.get("forwarder") or "") if isinstance(meta, dict) else ""
    raise ConfigError(
        f"OpenSearch was set up by a newer forwarder ({f'{forwarder}, ' if forwarder else ''}"
        f"schema {schema_version(newest)}) than this one ({__version__}, schema {ours})",
        hint=f"install {forwarder or 'the newer version'} or later; nothing was written",
    )
