"""SHA-256 names for rows that have no id of their own. Pure."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.canonical import canonical_bytes

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonValue


def digest_hex(value: JsonValue) -> str:
    """SHA-256 of the value's canonical form.

    A value without one (a lone surrogate, an integer beyond 2^53) gets a digest too, from escaped JSON
    with sorted keys: such a row must be named as well, if only to be kept in quarantine.
    """
    try:
        data = canonical_bytes(value)
    except ValueError:
        data = json.dumps(value, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()
    return hashlib.sha256(data).hexdigest()
