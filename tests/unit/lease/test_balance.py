"""Who should hold which lease."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.lease.balance import balance

NAMES = tuple("abcdefgh")
MEMBERS = st.dictionaries(st.sampled_from(["p", "q", "r", "s"]), st.sets(st.sampled_from(NAMES)), min_size=1)


def test_one_forwarder_gets_all():
    assert balance({"p": NAMES}, {}) == dict.fromkeys(NAMES, "p")


def test_a_new_one_is_given_half_and_nothing_else_moves():
    after = balance({"p": NAMES, "q": NAMES}, dict.fromkeys(NAMES, "p"))

    assert Counter(after.values()) == {"p": 4, "q": 4}


def test_a_difference_of_one_moves_nothing():
    holders = {"a": "p", "b": "p", "c": "q"}

    assert balance({"p": "abc", "q": "abc"}, holders) == holders


def test_who_cannot_serve_it_gets_nothing():
    assert balance({"p": "abc", "q": "c"}, dict.fromkeys("abc", "p")) == {"a": "p", "b": "p", "c": "q"}


@given(MEMBERS, st.dictionaries(st.sampled_from(NAMES), st.sampled_from(["p", "q", "x"])))
def test_all_is_served_evenly_and_the_plan_is_stable(members, holders):
    plan = balance(members, holders)

    load = Counter(plan.values())
    assert plan.keys() == {name for names in members.values() for name in names} | holders.keys()
    for name, owner in plan.items():
        able = [member for member, names in members.items() if name in names]
        assert owner in able or holders.get(name) == owner
        assert all(load[owner] - load[other] <= 1 for other in able)
    assert balance(members, plan) == plan
