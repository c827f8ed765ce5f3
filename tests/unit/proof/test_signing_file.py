"""The file of the signing keys: made once, kept private, rotated with an overlap, told when it is wrong."""

from __future__ import annotations

import json
import subprocess

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.proof import signing_file
from atlaslens_forwarder.proof.signing_key import SigningKey

AT_MS = 1_795_420_800_000


@pytest.fixture
def path(tmp_path):
    return tmp_path / "keys" / "signing.json"


@pytest.fixture
def made(path):
    return signing_file.load_or_create(path, now_ms=AT_MS)


def test_it_is_made_on_first_use_for_the_owner_alone(path, made):
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert made.signers(AT_MS) == (made.current,)
    assert signing_file.load(path).current.id == made.current.id


def test_it_is_never_made_anew(path, made):
    assert signing_file.load_or_create(path, now_ms=AT_MS + 1).current.id == made.current.id
    with pytest.raises(FileExistsError):
        signing_file.create(path, SigningKey.generate(), now_ms=AT_MS)


def test_a_file_that_others_can_read_is_refused(path, made):
    path.chmod(0o640)
    with pytest.raises(ConfigError, match="read by others") as caught:
        signing_file.load(path)
    assert "chmod 600" in caught.value.hint


def test_a_missing_file_is_told_where_it_is_needed(path):
    with pytest.raises(ConfigError, match="cannot read the signing key file"):
        signing_file.load(path)


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("history"),
        lambda data: data.update(keys=[]),
        lambda data: data["keys"][0].update(id="0" * 64),
        lambda data: data["keys"][0].update(private_key="none"),
        lambda data: data["keys"][0].update(until="2026-11-23T08:00:00.000Z"),
        lambda data: data["keys"][0].update(private_key=SigningKey.generate().pem),
        lambda data: data["history"].update(keys=[]),
    ],
)
def test_a_damaged_file_is_told_and_no_key_is_shown(path, made, change):
    data = json.loads(path.read_text())
    change(data)
    path.write_text(json.dumps(data))
    with pytest.raises(ConfigError, match="is damaged") as caught:
        signing_file.load(path)
    assert "PRIVATE" not in caught.value.one_line()
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("text", ["", "{", "[]", "7"])
def test_a_file_that_is_none_is_told(path, made, text):
    path.write_text(text)
    with pytest.raises(ConfigError, match="is damaged"):
        signing_file.load(path)


def test_a_form_of_a_later_version_is_told(path, made):
    data = json.loads(path.read_text()) | {"version": 2}
    path.write_text(json.dumps(data))
    with pytest.raises(ConfigError, match="does not know"):
        signing_file.load(path)


def test_after_a_rotation_both_keys_sign_until_the_overlap_ends(path, made):
    rotated = signing_file.rotate(path, now_ms=AT_MS, overlap_days=2)
    assert rotated.current.id != made.current.id
    both = (rotated.current.id, made.current.id)
    assert tuple(key.id for key in rotated.signers(AT_MS + 2 * DAY_MS - 1)) == both
    assert tuple(key.id for key in rotated.signers(AT_MS + 2 * DAY_MS)) == both[:1]
    assert [key.id for key in rotated.history.trusted({made.current.id})] == [*reversed(both)]
    assert [held.key.id for held in signing_file.load(path).held] == [*reversed(both)]


def test_a_key_whose_overlap_ended_leaves_the_file_but_not_the_history(path, made):
    signing_file.rotate(path, now_ms=AT_MS, overlap_days=1)
    rotated = signing_file.rotate(path, now_ms=AT_MS + DAY_MS, overlap_days=1)
    assert made.current.id not in {held.key.id for held in rotated.held}
    assert rotated.history.key(made.current.id) is not None
    assert made.current.pem not in path.read_text()


def test_without_an_overlap_the_old_key_leaves_at_once(path, made):
    assert len(signing_file.rotate(path, now_ms=AT_MS, overlap_days=0).held) == 1


def test_a_given_key_is_taken(path, tmp_path):
    given = tmp_path / "given.pem"
    given.write_text(SigningKey.generate().pem)
    given.chmod(0o600)
    key = signing_file.given_key(given)
    assert signing_file.create(path, key, now_ms=AT_MS).current.id == key.id
    with pytest.raises(ConfigError, match="in the history already"):
        signing_file.rotate(path, now_ms=AT_MS, key=key)


def test_a_key_under_a_password_is_opened_with_it_alone(tmp_path):
    given = tmp_path / "given.pem"
    key = SigningKey.generate()
    plain = serialization.load_pem_private_key(key.pem.encode(), None)
    sealed = plain.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(b"right"),
    )
    given.write_bytes(sealed)
    given.chmod(0o600)
    assert signing_file.given_key(given, "right").id == key.id
    for password in (None, "wrong"):
        with pytest.raises(ConfigError, match="under another password"):
            signing_file.given_key(given, password)


def test_a_key_of_another_kind_is_refused(tmp_path):
    given = tmp_path / "given.pem"
    other = generate_private_key(SECP256R1())
    pem = other.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    given.write_bytes(pem)
    given.chmod(0o600)
    with pytest.raises(ConfigError, match="not an Ed25519 key"):
        signing_file.given_key(given)


def test_an_id_is_what_openssl_and_sha256sum_print(tmp_path):
    key = SigningKey.generate()
    (tmp_path / "key.pem").write_text(key.public.pem)
    command = "openssl pkey -pubin -in key.pem -outform DER | sha256sum"
    printed = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert printed.split()[0] == key.id


def test_no_private_key_shows_in_a_repr(made):
    assert "PRIVATE" not in repr(made)
    assert made.current.id in repr(made)
