"""Keys refuse what is not theirs, and an event's hash notices every change that matters."""

from __future__ import annotations

import copy
import json
import stat

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.privacy.keyring import Keyring, KeyUse
from atlaslens_forwarder.privacy.origin import origin_of, stamp

DOC = {
    "@timestamp": "2026-01-24T08:48:05.645Z",
    "event": {"id": "jira:audit:c:1", "action": "user_added_to_group", "category": ["iam"]},
    "user": {"id": "712020:a", "full_name": "Ada"},
    "related": {"user": ["712020:a", "712020:b"]},
    "atlassian": {
        "permission_change": True,
        "late": False,
        "backfilled": True,
        "changes": [{"field": "x", "to": "y"}],
    },
}


@pytest.fixture
def keyring():
    return Keyring.generate()


@pytest.fixture
def doc(keyring):
    found = copy.deepcopy(DOC)
    stamp(found, keyring)
    return found


def leaves(value, path=()):
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))
    if not isinstance(value, dict | list):
        yield path


def changed(doc, path):
    found = copy.deepcopy(doc)
    part = found
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = not part[path[-1]] if isinstance(part[path[-1]], bool) else "other"
    return found


@pytest.mark.parametrize("path", list(leaves(DOC)), ids=lambda path: ".".join(map(str, path)))
def test_every_leaf_is_covered_but_those_that_differ_between_reads(doc, keyring, path):
    free = {("user", "full_name"), ("atlassian", "late"), ("atlassian", "backfilled")}
    assert origin_of(changed(doc, path), keyring) is (path in free)


def test_what_the_store_adds_does_not_matter_and_what_is_added_beside_does(doc, keyring):
    doc["event"]["ingested"] = "2026-01-25T00:00:00.000Z"
    assert origin_of(doc, keyring) is True
    doc["event"]["reason"] = "added"
    assert origin_of(doc, keyring) is False


def test_another_installation_cannot_tell_and_a_missing_hash_is_no_origin(doc):
    assert origin_of(doc, Keyring.generate()) is None
    del doc["event"]["hash"]
    assert origin_of(doc, Keyring.generate()) is False


def test_a_seal_opens_in_its_place_only(keyring):
    sealed = keyring.seal(b"row", b"place")
    assert keyring.open(sealed, b"place") == b"row"
    with pytest.raises(ConfigError, match="altered or moved"):
        keyring.open(sealed, b"elsewhere")
    with pytest.raises(ConfigError, match="altered or moved"):
        keyring.open(sealed[:-4] + "AAA=", b"place")
    with pytest.raises(ConfigError, match="not in the key file"):
        Keyring.generate().open(sealed, b"place")


def test_two_seals_of_one_row_differ_and_two_blindings_do_not(keyring):
    assert keyring.seal(b"row", b"p") != keyring.seal(b"row", b"p")
    assert keyring.blind(b"ada@example.com") == keyring.blind(b"ada@example.com")


def test_the_key_file_is_private_and_comes_back_as_it_was(tmp_path):
    path = tmp_path / "keys" / "keyring.json"
    made = Keyring.load_or_create(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    again = Keyring.load_or_create(path)
    assert [again.ids(use) for use in KeyUse] == [made.ids(use) for use in KeyUse]
    assert not any(key.id in repr(key.secret) for key in made.keys)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        '{"keys": [{"use": "origin"}]}',
        '{"keys": [{"use": "x", "secret": ""}]}',
        '{"keys": []}',
    ],
)
def test_a_damaged_key_file_is_refused_in_one_line(tmp_path, content):
    path = tmp_path / "keyring.json"
    path.write_text(content)
    path.chmod(0o600)
    with pytest.raises(ConfigError) as caught:
        Keyring.load(path)
    assert "\n" not in caught.value.one_line()


def test_a_key_file_that_others_can_read_is_refused(tmp_path):
    path = tmp_path / "keyring.json"
    Keyring.load_or_create(path)
    path.chmod(0o644)
    with pytest.raises(ConfigError) as caught:
        Keyring.load(path)
    assert "chmod 600" in caught.value.one_line()


def test_no_secret_is_shown_by_repr(tmp_path):
    keyring = Keyring.load_or_create(tmp_path / "k.json")
    secrets = [entry["secret"] for entry in json.loads((tmp_path / "k.json").read_text())["keys"]]
    assert not any(secret in repr(keyring.keys) for secret in secrets)
