"""Remote addresses as the store's ``ip`` type takes them."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv6Address, ip_address


@lru_cache(maxsize=8192)
def ip_of(address: str) -> str | None:
    """``address`` in its shortest form if it is one IPv4 or IPv6 address, else None.

    Host names, lists of proxies and zoned addresses (``fe80::1%eth0``) are none; they stay readable in
    ``source.address``.
    """
    try:
        parsed = ip_address(address.strip())
    except ValueError:
        return None
    if isinstance(parsed, IPv6Address) and parsed.scope_id is not None:
        return None
    return str(parsed)
