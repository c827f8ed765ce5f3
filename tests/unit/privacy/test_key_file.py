"""Rotation adds keys and takes none away, and running processes go over to them."""

from __future__ import annotations

import fcntl
import json
import os

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.privacy.key_file import KeyFileWatch, generate, rotate
from atlaslens_forwarder.privacy.keyring import Keyring, KeyUse


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "keyring.json"


def test_a_key_file_is_made_once(path):
    keyring = generate(path)

    assert Keyring.load(path).keys == keyring.keys
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ConfigError, match="key file already"):
        generate(path)
    assert Keyring.load(path).keys == keyring.keys


@pytest.mark.parametrize("uses", [[use] for use in KeyUse] + [list(KeyUse)])
def test_rotation_adds_keys_and_keeps_the_old_ones(path, uses):
    before = generate(path)
    sealed, digest = before.seal(b"secret", b"here"), before.origin_hash(b"data")

    after = rotate(path, uses)

    assert Keyring.load(path).keys == after.keys
    assert after.keys[: len(before.keys)] == before.keys
    assert [key.use for key in after.keys[len(before.keys) :]] == uses
    assert after.open(sealed, b"here") == b"secret"
    assert after.origin_matches(b"data", digest) is True
    for use in KeyUse:
        assert (after.ids(use)[-1] != before.ids(use)[-1]) is (use in uses)


def test_a_rotated_file_stays_private_and_leaves_nothing_beside_it(path):
    generate(path)
    rotate(path, list(KeyUse))

    assert path.stat().st_mode & 0o777 == 0o600
    assert {each.name for each in path.parent.iterdir()} == {path.name, f"{path.name}.lock"}


def test_what_was_blinded_before_is_found_under_the_older_key(path):
    before = generate(path)
    after = rotate(path, [KeyUse.BLIND])

    assert after.blinds(b"x") == [before.blind(b"x"), after.blind(b"x")]
    assert before.blind(b"x") != after.blind(b"x")
    (older,) = after.older_blinders()
    assert older(b"x") == before.blind(b"x")
    assert before.older_blinders() == []


def test_a_missing_file_cannot_be_rotated(path):
    path.parent.mkdir()

    with pytest.raises(ConfigError, match="cannot read the key file"):
        rotate(path, [KeyUse.SEAL])


def test_two_rotations_at_once_are_refused(path):
    keyring = generate(path)
    descriptor = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        with pytest.raises(ConfigError, match="under way"):
            rotate(path, [KeyUse.SEAL])
    finally:
        os.close(descriptor)
    assert Keyring.load(path).keys == keyring.keys


def test_a_running_process_goes_over_to_new_keys(path):
    running = generate(path)
    watch = KeyFileWatch(path, running)
    assert not watch.follow()

    rotated = rotate(path, [KeyUse.ORIGIN])

    assert watch.follow()
    assert running.keys == rotated.keys
    assert running.origin_hash(b"x") == rotated.origin_hash(b"x")
    assert not watch.follow()


def test_a_file_that_lost_a_key_is_not_taken_over(path):
    running = generate(path)
    watch = KeyFileWatch(path, running)
    used = running.keys
    Keyring.generate().replace(path)

    with pytest.raises(ConfigError, match="has lost the"):
        watch.follow()
    assert running.keys == used


@pytest.mark.parametrize("damage", ["remove", "truncate", "open to others"])
def test_a_damaged_file_leaves_the_keys_in_use(path, damage):
    running = generate(path)
    watch = KeyFileWatch(path, running)
    used = running.keys
    if damage == "remove":
        path.unlink()
    elif damage == "truncate":
        path.write_text(json.dumps({"version": 1, "keys": []}))
    else:
        rotate(path, [KeyUse.SEAL])
        path.chmod(0o644)

    with pytest.raises(ConfigError):
        watch.follow()
    assert running.keys == used
