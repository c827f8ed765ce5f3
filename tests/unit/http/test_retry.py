"""How long is waited before another try."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.http.retry import RetryPolicy

POLICY = RetryPolicy()
CHANCE = st.floats(0, 1, exclude_max=True)


@given(st.integers(1, 1000), CHANCE)
@settings(deadline=None)
def test_waits_double_up_to_a_bound(failures, chance):
    wait_s = POLICY.wait_s(failures, None, lambda: chance)

    base_s = min(30.0, 2.0 * 2.0 ** (failures - 1))
    assert 0.7 * base_s <= wait_s <= 1.3 * base_s


@given(st.integers(1, 100), st.floats(1, 3600), CHANCE)
@settings(deadline=None)
def test_a_server_never_sees_us_before_it_asked(failures, asked_s, chance):
    assert asked_s <= POLICY.wait_s(failures, asked_s, lambda: chance) <= 1.3 * asked_s


def test_waits_are_spread():
    assert POLICY.wait_s(1, None, lambda: 0.0) < POLICY.wait_s(1, None, lambda: 0.9)
