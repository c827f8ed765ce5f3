"""How records change by what was read: nothing is inferred from less than a whole list."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace

import pytest

from atlaslens_forwarder.people.population import Population, group_names
from atlaslens_forwarder.people.records import GroupRecord, Home, PersonRecord, record_of
from atlaslens_forwarder.people.roster import FORMER_USER, Roster, SeenAccount, SeenGroup
from atlaslens_forwarder.people.update import Directory, Sealing, updated
from atlaslens_forwarder.privacy.blinds import Blinder
from atlaslens_forwarder.privacy.keyring import Key, Keyring, KeyUse

HOME = Home("c1", "acme")
ZOE = SeenAccount("557058:a", name="Zoë", kind="atlassian", active=True, email="zoe@acme.example")
NOW_MS = 1_795_420_800_000
KEYRING = Keyring.generate()
NOTHING = Directory(HOME, {}, {})


def roster(*accounts, groups=(), whole=(), **more):
    found = Roster(whole_kinds={*whole}, **more)
    for account in accounts:
        found.add(account)
    found.groups = {group.id: group for group in groups}
    return found


def after(read, before=NOTHING, *, pairs=(), lost=(), keyring=KEYRING, names=False):
    return updated(before, read, pairs, lost, Sealing(keyring, names=names), NOW_MS)


def sealing(keyring=KEYRING):
    return Sealing(keyring, names=False)


def test_an_account_is_taken_over_and_its_address_sealed():
    record = after(roster(ZOE)).people["557058:a"]
    doc = json.dumps(record.to_doc(NOW_MS))
    assert sealing().emails(record) == ["zoe@acme.example"]
    assert "zoe@" not in doc
    assert record.blinds == {*Blinder(KEYRING).of("ZOE@acme.example")}
    assert (record.full_name, record.kind, record.active) == ("Zoë", "atlassian", True)
    assert record_of(json.loads(doc)) == record


def test_reading_the_same_again_changes_nothing():
    read = roster(ZOE, groups=[SeenGroup("g", "team", members=frozenset({"557058:a"}), whole=True)])
    first = after(read)
    assert after(read, first) == first


def test_an_address_that_is_hidden_later_stays_known_and_a_new_one_comes_before_it():
    first = after(roster(ZOE))
    hidden = after(roster(replace(ZOE, email="")), first)
    assert hidden.people == first.people
    moved = after(roster(replace(ZOE, email="zoe@new.example")), hidden).people["557058:a"]
    assert sealing().emails(moved) == ["zoe@new.example", "zoe@acme.example"]
    assert moved.blinds == Blinder(KEYRING).of_all(["zoe@new.example", "zoe@acme.example"])


def test_after_a_rotation_everybody_has_the_new_index_and_the_new_seal():
    first = after(roster(ZOE))
    newer = Keyring(
        [*KEYRING.keys, *(Key(use, secrets.token_bytes(32)) for use in (KeyUse.BLIND, KeyUse.SEAL))]
    )
    for read in (roster(), roster(replace(ZOE, email=""))):
        record = after(read, first, keyring=newer).people["557058:a"]
        assert record.blinds == {*Blinder(newer).of("zoe@acme.example")}
        assert len(record.blinds) == 2
        assert record.data_key_sealed.startswith(newer.ids(KeyUse.SEAL)[-1])
        assert sealing(newer).emails(record) == ["zoe@acme.example"]


@pytest.mark.parametrize(
    "read",
    [
        roster(SeenAccount("557058:a", name=FORMER_USER, active=False)),
        roster(gone={"557058:a"}, checked={"557058:a"}),
    ],
)
def test_a_closed_account_loses_name_and_address_and_keeps_its_indexes(read):
    first = after(roster(ZOE))
    record = after(read, first).people["557058:a"]
    assert (record.full_name, record.closed, record.active) == (FORMER_USER, True, False)
    assert (record.emails_sealed, record.data_key_sealed) == ("", "")
    assert record.blinds == first.people["557058:a"].blinds
    assert record.checked_ms == (NOW_MS if read.checked else None)


def test_somebody_who_is_no_longer_hidden_is_open_again():
    gone = after(roster(gone={"557058:a"}, checked={"557058:a"}), after(roster(ZOE)))
    record = after(roster(ZOE), gone).people["557058:a"]
    assert (record.closed, record.full_name, record.checked_ms) == (False, "Zoë", None)


def test_somebody_who_calls_himself_former_user_and_is_active_is_not_closed():
    record = after(roster(replace(ZOE, name=FORMER_USER))).people["557058:a"]
    assert not record.closed
    assert record.emails_sealed


def test_the_forgotten_stay_forgotten_under_any_id():
    first = after(roster(replace(ZOE, uuid="{u1}")))
    for lost in ({"557058:a"}, {"{u1}"}):
        record = after(roster(ZOE), first, lost=lost).people["557058:a"]
        assert record.forgotten
        assert (record.full_name, record.emails_sealed, record.data_key_sealed) == ("", "", "")
        assert record.blinds == frozenset()
        assert record.ids == {"557058:a", "{u1}"}
        again = after(roster(ZOE), Directory(HOME, {record.id: record}, {})).people["557058:a"]
        assert again == record


def test_a_name_that_is_an_address_is_not_kept_in_clear():
    record = after(roster(replace(ZOE, name="zoe@acme.example"))).people["557058:a"]
    assert record.full_name == f"[email:{KEYRING.blind(b'zoe@acme.example')}]"


def test_names_are_sealed_and_opened_again_as_the_setting_says():
    first = after(roster(ZOE), names=True)
    record = first.people["557058:a"]
    assert record.full_name == ""
    assert sealing().name(record) == "Zoë"
    assert after(roster(ZOE), first, names=True) == first
    assert after(roster(ZOE), first).people["557058:a"].full_name == "Zoë"


def test_legacy_keys_join_the_account_and_make_one_where_it_is_not_known():
    people = after(roster(ZOE), pairs=[("557058:a", "ug:1"), ("557058:z", "ug:2")]).people
    assert people["557058:a"].ids == {"557058:a", "ug:1"}
    assert people["557058:z"].identity.accounts == {"557058:z"}


@pytest.mark.parametrize("whole", [True, False])
def test_whoever_is_missing_has_left_only_if_the_list_is_whole(whole):
    both = SeenGroup("g", "team", members=frozenset({"557058:a", "557058:b"}), whole=True)
    first = after(roster(ZOE, SeenAccount("557058:b"), groups=[both], whole=["group"]))
    one = SeenGroup("g", "team", members=frozenset({"557058:a"}), whole=whole)
    second = after(roster(ZOE, groups=[one]), first)
    assert ("557058:b" in second.groups["g"].members) is not whole
    assert second.people["557058:b"].groups == (frozenset() if whole else {"g"})


@pytest.mark.parametrize("whole", [True, False])
def test_a_group_that_is_missing_is_removed_only_if_the_list_is_whole(whole):
    group = SeenGroup("g", "team", members=frozenset({"557058:a"}), whole=True)
    first = after(roster(ZOE, groups=[group]))
    second = after(roster(ZOE, whole=["group"] if whole else ["organisation"]), first)
    assert second.groups["g"].removed is whole
    assert second.people["557058:a"].groups == (frozenset() if whole else {"g"})


def test_a_lookup_of_an_empty_group_is_an_empty_list():
    one, two = (PersonRecord(HOME, key, account_id=key, blinds=frozenset({f"k:{key}"})) for key in "AB")
    full = GroupRecord(HOME, "g1", "full", members=frozenset({"A"}))
    docs = Population([one, two, full, GroupRecord(HOME, "g2", "empty")]).lookups()
    assert docs["group:g1"]["ids"] == docs["person:A"]["ids"] == ["A", "k:A"]
    assert docs["group:g2"]["ids"] == []
    assert "name" not in docs["person:A"]


def test_a_member_brings_all_ids_of_the_person_from_every_site():
    here = PersonRecord(HOME, "A", account_id="A", ids=frozenset({"A", "ug:1"}))
    there = PersonRecord(Home("c2", "beta"), "A", account_id="A", ids=frozenset({"A", "{u1}"}))
    group = GroupRecord(HOME, "g1", "full", members=frozenset({"A"}))
    assert Population([here, there, group]).terms_of(group) == ("A", "ug:1", "{u1}")


def test_groups_of_an_actor_are_those_of_the_site_by_any_id():
    here = PersonRecord(HOME, "A", ids=frozenset({"A", "ug:1"}), groups=frozenset({"g1", "g2"}))
    groups = [GroupRecord(HOME, "g1", "b"), GroupRecord(HOME, "g2", "a", removed=True)]
    names = group_names([here, *groups, GroupRecord(HOME, "g3", "c")], "c1")
    assert (names["A"], names["ug:1"]) == (["b"], ["b"])
    assert group_names([here, *groups], "c2") == {}
