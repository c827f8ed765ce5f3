"""Remote addresses: what the store's ip type takes, and nothing else."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.normalise.addresses import ip_of


@pytest.mark.parametrize(
    ("address", "ip"),
    [
        ("192.0.2.7", "192.0.2.7"),
        (" 192.0.2.7 ", "192.0.2.7"),
        ("2001:0DB8:0::0001", "2001:db8::1"),
        ("proxy.internal", None),
        ("192.0.2.7, 198.51.100.1", None),
        ("192.0.2.07", None),
        ("192.0.2.0/24", None),
        ("fe80::1%eth0", None),
    ],
)
def test_only_one_whole_address_is_an_ip(address, ip):
    assert ip_of(address) == ip
