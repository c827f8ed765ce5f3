"""The secrets of a person open in their place only, with the right keys only."""

from __future__ import annotations

import base64
import secrets

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.privacy.blinds import Blinder, blinds_in
from atlaslens_forwarder.privacy.keyring import Key, Keyring, KeyUse
from atlaslens_forwarder.privacy.vault import PersonVault

INDEX, PERSON, ADDRESS = "atlaslens-people", "person:c:557058:a", "zoë@acme.example"


@pytest.fixture
def keyring() -> Keyring:
    return Keyring.generate()


def rotated(keyring: Keyring, use: KeyUse) -> Keyring:
    return Keyring([*keyring.keys, Key(use, secrets.token_bytes(32))])


def test_what_is_sealed_opens_again_and_is_never_the_same_twice(keyring):
    vault = PersonVault(keyring, INDEX, PERSON)
    one, two = vault.seal("email", ADDRESS), vault.seal("email", ADDRESS)
    again = PersonVault(keyring, INDEX, PERSON, vault.sealed_key)
    assert one != two
    assert again.open("email", one) == again.open("email", two) == ADDRESS
    assert ADDRESS not in one + base64.b64decode(one.partition(":")[2]).decode("latin-1")


def test_two_people_have_two_data_keys(keyring):
    one, two = PersonVault(keyring, INDEX, PERSON), PersonVault(keyring, INDEX, f"{PERSON}b")
    assert one.seal("email", "x").partition(":")[0] != two.seal("email", "x").partition(":")[0]


@pytest.mark.parametrize(
    "place", [("atlaslens-other", PERSON), (INDEX, "person:c:557058:b"), (INDEX, "person:d:557058:a")]
)
def test_a_data_key_that_was_moved_does_not_open(keyring, place):
    sealed_key = PersonVault(keyring, INDEX, PERSON).sealed_key
    with pytest.raises(ConfigError):
        PersonVault(keyring, *place, sealed_key)


def test_a_text_that_was_moved_or_altered_does_not_open(keyring):
    vault = PersonVault(keyring, INDEX, PERSON)
    sealed = vault.seal("email", ADDRESS)
    key_id, _, payload = sealed.partition(":")
    raw = bytearray(base64.b64decode(payload))
    raw[-1] ^= 1
    altered = f"{key_id}:{base64.b64encode(bytes(raw)).decode()}"
    other = PersonVault(keyring, INDEX, PERSON)
    for one, field, text in (
        (vault, "name", sealed),
        (vault, "email", altered),
        (vault, "email", f"00000000:{payload}"),
        (vault, "email", "no seal at all"),
        (other, "email", sealed),
    ):
        with pytest.raises(ConfigError) as caught:
            one.open(field, text)
        assert ADDRESS not in str(caught.value)


def test_without_the_seal_key_nothing_opens(keyring):
    vault = PersonVault(keyring, INDEX, PERSON)
    with pytest.raises(ConfigError, match="key file"):
        PersonVault(Keyring.generate(), INDEX, PERSON, vault.sealed_key)


def test_a_data_key_is_sealed_anew_after_a_rotation_and_its_texts_stay(keyring):
    vault = PersonVault(keyring, INDEX, PERSON)
    sealed = vault.seal("email", ADDRESS)
    unchanged = PersonVault(keyring, INDEX, PERSON, vault.sealed_key)
    assert unchanged.sealed_key == vault.sealed_key
    newer = rotated(keyring, KeyUse.SEAL)
    after = PersonVault(newer, INDEX, PERSON, vault.sealed_key)
    assert after.sealed_key.partition(":")[0] == newer.ids(KeyUse.SEAL)[-1]
    assert PersonVault(newer, INDEX, PERSON, after.sealed_key).open("email", sealed) == ADDRESS


def test_two_places_never_read_the_same(keyring):
    with pytest.raises(ValueError, match="no part"):
        PersonVault(keyring, INDEX, "a|b")
    with pytest.raises(ValueError, match="no part"):
        PersonVault(keyring, INDEX, "a").seal("b|c", "x")


def test_an_address_has_a_blind_index_under_every_key(keyring):
    newer = rotated(keyring, KeyUse.BLIND)
    both = Blinder(newer).of(" Zoë@ACME.example ")
    assert both == (*Blinder(keyring).of(ADDRESS), newer.blind("zoë@acme.example".encode()))
    assert [each.partition(":")[0] for each in both] == newer.ids(KeyUse.BLIND)


def test_blind_indexes_are_found_where_they_stand_and_nowhere_else():
    one, two = f"0123abcd:{'a' * 32}", f"4567abcd:{'b' * 32}"
    text = f'{{"a":"to [email:{one}], [email:{one}]","user":{{"email_blind":"{two}"}}}}'
    assert blinds_in(text.encode()) == [one, two]
    assert blinds_in(f'{{"id":"{one}"}}'.encode()) == []
