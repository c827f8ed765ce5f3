"""The keys: what they seal opens only in its place, and their file is whole, private and never replaced."""

from __future__ import annotations

import base64
import json
import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.privacy.keyring import Key, Keyring, KeyUse

KEYRING = Keyring.generate()


@given(st.binary(max_size=200), st.binary(max_size=50))
@settings(deadline=None)
def test_what_was_sealed_opens_in_its_place(plaintext, place):
    sealed = KEYRING.seal(plaintext, place)

    assert KEYRING.open(sealed, place) == plaintext
    assert KEYRING.seal(plaintext, place) != sealed


@given(st.binary(min_size=1, max_size=50), st.binary(max_size=20), st.binary(max_size=20))
@settings(deadline=None)
def test_what_was_moved_does_not_open(plaintext, place, other):
    sealed = KEYRING.seal(plaintext, place)

    if place != other:
        with pytest.raises(ConfigError, match="altered or moved"):
            KEYRING.open(sealed, other)


@given(st.binary(max_size=40), st.data())
@settings(deadline=None)
def test_what_was_altered_does_not_open(plaintext, data):
    key_id, _, payload = KEYRING.seal(plaintext, b"here").partition(":")
    raw = bytearray(base64.b64decode(payload))
    raw[data.draw(st.integers(0, len(raw) - 1))] ^= data.draw(st.integers(1, 255))

    with pytest.raises(ConfigError, match="altered or moved"):
        KEYRING.open(f"{key_id}:{base64.b64encode(raw).decode()}", b"here")


@pytest.mark.parametrize("payload", ["", "AAAA", "not base64!", "é", base64.b64encode(b"x" * 27).decode()])
def test_what_is_no_sealed_text_does_not_open(payload):
    with pytest.raises(ConfigError, match="altered or moved"):
        KEYRING.open(f"{KEYRING.ids(KeyUse.SEAL)[-1]}:{payload}", b"")


@pytest.mark.parametrize("sealed", ["", "no-key", "12345678:AAAA"])
def test_a_seal_of_another_installation_names_the_missing_key(sealed):
    with pytest.raises(ConfigError, match="is not in the key file"):
        KEYRING.open(sealed, b"")


def test_older_keys_still_open_and_the_last_one_seals():
    newer = Keyring([*KEYRING.keys, *Keyring.generate().keys])

    assert newer.open(KEYRING.seal(b"x", b""), b"") == b"x"
    assert newer.seal(b"x", b"").startswith(newer.ids(KeyUse.SEAL)[-1])
    assert newer.origin_matches(b"x", KEYRING.origin_hash(b"x")) is True
    assert newer.ids(KeyUse.SEAL)[0] == KEYRING.ids(KeyUse.SEAL)[0]


def test_no_secret_is_shown():
    for key in KEYRING.keys:
        for shown in (repr(key), str(key), repr(KEYRING), key.id):
            assert key.secret.hex() not in shown
            assert repr(key.secret) not in shown


def test_one_secret_has_another_id_for_another_use():
    assert Key(KeyUse.SEAL, b"x" * 32).id != Key(KeyUse.BLIND, b"x" * 32).id


def test_the_key_file_is_private_and_reads_back(tmp_path):
    path = tmp_path / "keys" / "keyring.json"

    made = Keyring.load_or_create(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert [*path.parent.iterdir()] == [path]
    assert Keyring.load(path).keys == made.keys == Keyring.load_or_create(path).keys


def test_a_key_file_is_never_replaced(tmp_path):
    path = tmp_path / "keyring.json"
    made = Keyring.load_or_create(path)

    with pytest.raises(FileExistsError):
        Keyring.generate().write(path)
    assert Keyring.load(path).keys == made.keys
    assert [*tmp_path.iterdir()] == [path]


def test_processes_that_start_at_once_share_one_set_of_keys(tmp_path):
    path, together = tmp_path / "keys" / "keyring.json", threading.Barrier(8)

    def start(_number):
        together.wait()
        return Keyring.load_or_create(path).keys

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(start, range(8)))) == 1


def entries(keyring=KEYRING):
    return [
        {"use": key.use.value, "id": key.id, "secret": base64.b64encode(key.secret).decode()}
        for key in keyring.keys
    ]


def altered(**change):
    first, *rest = entries()
    return {"version": 1, "keys": [{**first, **change}, *rest]}


DAMAGED = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "a number": "5",
    "no keys": '{"version": 1}',
    "keys of another form": '{"version": 1, "keys": {"a": 1}}',
    "keys that are numbers": '{"version": 1, "keys": [1]}',
    "nested": "[" * 100_000,
    "another use": json.dumps(altered(use="other")),
    "no secret": json.dumps(altered(secret=None)),
    "secret that is no base64": json.dumps(altered(secret="é!")),
    "short secret": json.dumps(altered(secret="AAAA")),
    "another secret": json.dumps(altered(secret=base64.b64encode(b"x" * 32).decode())),
    "not UTF-8": b"\xff\xfe",
    "cut": json.dumps({"version": 1, "keys": entries()})[:-20],
}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED.keys())
def test_a_damaged_key_file_is_told_in_one_line_and_kept(tmp_path, content):
    path = tmp_path / "keyring.json"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    path.chmod(0o600)

    with pytest.raises(ConfigError, match="is damaged") as caught:
        Keyring.load_or_create(path)

    assert "backup" in caught.value.hint
    assert caught.value.__cause__ is None
    assert "\n" not in caught.value.one_line()
    assert len(caught.value.one_line()) < 300


def test_a_key_file_of_a_later_version_is_not_misread(tmp_path):
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"version": 2, "keys": "?"}))
    path.chmod(0o600)

    with pytest.raises(ConfigError, match="does not know"):
        Keyring.load(path)


def test_a_key_file_without_all_uses_names_the_missing_ones(tmp_path):
    path = tmp_path / "keyring.json"
    path.write_text(json.dumps({"version": 1, "keys": entries()[:1]}))
    path.chmod(0o600)

    with pytest.raises(ConfigError, match="no blind and no seal key"):
        Keyring.load(path)


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o777])
def test_a_key_file_that_others_can_read_is_refused(tmp_path, mode):
    path = tmp_path / "keyring.json"
    Keyring.load_or_create(path)
    path.chmod(mode)

    with pytest.raises(ConfigError, match="can be read by others") as caught:
        Keyring.load(path)
    assert f"chmod 600 {path}" in caught.value.hint


def test_a_missing_key_file_is_told(tmp_path):
    with pytest.raises(ConfigError, match="cannot read the key file"):
        Keyring.load(tmp_path / "none")


def test_a_folder_or_file_in_the_way_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()

    for path in (tmp_path / "folder", tmp_path / "file" / "keyring.json"):
        with pytest.raises(ConfigError, match=r"cannot (read|write) the key file"):
            Keyring.load_or_create(path)


def test_a_folder_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(_descriptor):
        raise OSError(28, os.strerror(28))

    monkeypatch.setattr(os, "fsync", full)

    with pytest.raises(ConfigError, match="cannot write") as caught:
        Keyring.load_or_create(tmp_path / "keyring.json")
    assert caught.value.hint == "No space left on device"
    assert [*tmp_path.iterdir()] == []


def test_a_digest_tells_only_whether_texts_are_the_same():
    assert KEYRING.blind(b"a") == KEYRING.blind(b"a") != KEYRING.blind(b"b")
    assert KEYRING.blind(b"a") != Keyring.generate().blind(b"a")
