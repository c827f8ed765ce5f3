"""Signed envelopes: the encoding of the specification, strict reading, and openssl as a second opinion."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess

import pytest

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.proof.dsse import parse_envelope, pre_authentication_encoding, sign
from atlaslens_forwarder.proof.signing_key import SigningKey

TYPE = "application/vnd.atlaslens.test+json"


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return SigningKey.generate()


@pytest.fixture
def written(key):
    return json.loads(sign(TYPE, b'{"a":1}', [key]).to_bytes())


def as_file(data: object) -> bytes:
    return json.dumps(data, sort_keys=True, separators=(",", ":")).encode() + b"\n"


def test_the_encoding_is_that_of_the_specification():
    """The example of DSSE's protocol.md."""
    encoded = pre_authentication_encoding("http://example.com/HelloWorld", b"hello world")
    assert encoded == b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"


def test_lengths_are_counted_in_bytes():
    assert pre_authentication_encoding("t", "é".encode()) == b"DSSEv1 1 t 2 \xc3\xa9"


def test_what_was_signed_reads_back_and_verifies(key):
    envelope = parse_envelope(sign(TYPE, b"payload", [key]).to_bytes(), TYPE)
    assert envelope.payload == b"payload"
    assert envelope.signed_by(key.public)
    assert not envelope.signed_by(SigningKey.generate().public)


def test_several_keys_sign_side_by_side(key):
    other = SigningKey.generate()
    envelope = sign(TYPE, b"payload", [key, other])
    assert envelope.signed_by(key.public)
    assert envelope.signed_by(other.public)


def test_a_signature_over_one_type_does_not_fit_another(key, written):
    written["payloadType"] = "application/vnd.atlaslens.other+json"
    assert not parse_envelope(as_file(written), written["payloadType"]).signed_by(key.public)


def test_another_payload_does_not_verify(key, written):
    written["payload"] = base64.b64encode(b'{"a":2}').decode()
    assert not parse_envelope(as_file(written), TYPE).signed_by(key.public)


def test_a_signature_under_the_id_of_another_key_does_not_verify(key, written):
    written["signatures"][0]["keyid"] = SigningKey.generate().id
    assert not parse_envelope(as_file(written), TYPE).signed_by(key.public)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda data: data.pop("payload"), "not an envelope"),
        (lambda data: data.update(more=1), "not an envelope"),
        (lambda data: data.update(payloadType="text/plain"), "about something else"),
        (lambda data: data.update(signatures=[]), "without a signature"),
        (lambda data: data.update(signatures="x"), "without a signature"),
        (lambda data: data["signatures"][0].pop("sig"), "a signature that is none"),
        (lambda data: data["signatures"][0].update(keyid=7), "a signature that is none"),
        (lambda data: data.update(payload="$$$$"), "not base64"),
        (lambda data: data.update(payload="eyJhIjoxfR=="), "not base64"),
        (lambda data: data.update(payload=None), "not base64"),
    ],
)
def test_anything_else_is_refused(written, change, told):
    change(written)
    with pytest.raises(EvidenceError, match=told):
        parse_envelope(as_file(written), TYPE)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"null", b"[" * 100_000])
def test_what_is_no_json_object_is_refused(content):
    with pytest.raises(EvidenceError, match=r"not (JSON|an envelope)"):
        parse_envelope(content, TYPE)


def test_another_byte_form_of_the_same_envelope_is_refused(written):
    with pytest.raises(EvidenceError, match="canonical"):
        parse_envelope(json.dumps(written, indent=1).encode(), TYPE)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_finds_the_same(key, tmp_path):
    envelope = sign(TYPE, b"payload", [key])
    (tmp_path / "key.pem").write_text(key.public.pem)
    (tmp_path / "data").write_bytes(pre_authentication_encoding(TYPE, b"payload"))
    (tmp_path / "signature").write_bytes(envelope.signatures[0].value)
    command = [
        "openssl",
        "pkeyutl",
        "-verify",
        "-pubin",
        "-inkey",
        "key.pem",
        "-rawin",
        "-in",
        "data",
        "-sigfile",
        "signature",
    ]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
    (tmp_path / "data").write_bytes(b"other")
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0
