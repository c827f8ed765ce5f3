"""People are put together by ids and addresses, in any order of the records, and never by more."""

from __future__ import annotations

from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.people.resolve import Identity, resolve

ACCOUNTS = st.frozensets(st.sampled_from("ABCD"), max_size=1)
OTHERS = st.frozensets(st.sampled_from(["ug:1", "ug:2", "{u1}", "{u2}", "qm:1"]), max_size=2)
BLINDS = st.frozensets(st.sampled_from(["k:1", "k:2", "k:3"]), max_size=2)
IDENTITIES = st.builds(
    lambda accounts, others, blinds: Identity(accounts | others, accounts, blinds), ACCOUNTS, OTHERS, BLINDS
)
POPULATIONS = st.lists(IDENTITIES, max_size=9)


def parts(records):
    """The people as sets of what leads to them, without positions."""
    return sorted((sorted(one.ids), sorted(one.blinds)) for one in resolve(records))


@given(POPULATIONS)
def test_every_record_belongs_to_exactly_one_person(records):
    found = resolve(records)
    assert sorted(position for one in found for position in one.records) == list(range(len(records)))
    for one in found:
        mine = [records[position] for position in one.records]
        assert one.ids == frozenset().union(*(each.ids for each in mine))
        assert one.blinds == frozenset().union(*(each.blinds for each in mine))


@given(st.data())
def test_the_order_of_the_records_plays_no_part(data):
    records = data.draw(POPULATIONS)
    shuffled = data.draw(st.permutations(records))
    assert parts(shuffled) == parts(records)


@given(POPULATIONS)
def test_an_id_belongs_to_one_person_only(records):
    for one, two in combinations(resolve(records), 2):
        assert one.ids.isdisjoint(two.ids)


@given(POPULATIONS)
def test_addresses_never_bring_two_accounts_together(records):
    by_ids_alone = resolve([Identity(each.ids, each.accounts) for each in records])
    sure = {frozenset(one.accounts) for one in by_ids_alone if one.accounts}
    assert {frozenset(one.accounts) for one in resolve(records) if one.accounts} == sure


@given(POPULATIONS)
def test_resolving_again_changes_nothing(records):
    first = resolve(records)
    again = resolve([Identity(one.ids, one.accounts, one.blinds) for one in first])
    assert [(one.ids, one.blinds) for one in again] == [(one.ids, one.blinds) for one in first]


def test_ids_join_across_several_steps():
    records = [
        Identity(frozenset({"A", "ug:1"}), frozenset("A"), frozenset({"k:1"})),
        Identity(frozenset({"{u1}"}), blinds=frozenset({"k:2"})),
        Identity(frozenset({"ug:1", "{u1}"})),
        Identity(blinds=frozenset({"k:2"})),
    ]
    (person,) = resolve(records)
    assert (person.name, person.terms) == ("A", ("A", "k:1", "k:2", "ug:1", "{u1}"))


def test_an_address_that_was_passed_on_keeps_both_accounts_apart():
    old, new = (Identity(frozenset(one), frozenset(one), frozenset({"k:1"})) for one in "AB")
    commit = Identity(blinds=frozenset({"k:1"}))
    assert sorted(one.terms for one in resolve([commit, old, new])) == [("A", "k:1"), ("B", "k:1"), ("k:1",)]
