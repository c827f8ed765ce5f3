"""The public history of signing keys: followed from a pinned key, never extended by strangers."""

from __future__ import annotations

import json
from itertools import pairwise

import pytest

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.proof.dsse import sign
from atlaslens_forwarder.proof.key_history import (
    INTRODUCTION_TYPE,
    KeyHistory,
    introduce,
    parse_history,
)
from atlaslens_forwarder.proof.signing_key import SigningKey

AT_MS = 1_795_420_800_000


@pytest.fixture(scope="module")
def keys() -> list[SigningKey]:
    return [SigningKey.generate() for _ in range(3)]


@pytest.fixture(scope="module")
def history(keys) -> KeyHistory:
    first = introduce(keys[0], None, created_ms=AT_MS)
    later = [
        introduce(key, before, created_ms=AT_MS + number)
        for number, (before, key) in enumerate(pairwise(keys), 1)
    ]
    return KeyHistory((first, *later))


def altered(history: KeyHistory, change) -> bytes:
    data = history.to_json()
    change(data["keys"])
    return canonical_bytes(data) + b"\n"


def test_it_reads_back_as_it_was(history):
    assert parse_history(history.to_bytes()) == history


def test_trust_in_one_key_reaches_every_later_one(history, keys):
    ids = [key.id for key in keys]
    assert [key.id for key in history.trusted({ids[0]})] == ids
    assert [key.id for key in history.trusted({ids[1]})] == ids[1:]
    assert history.trusted({"0" * 64}) == ()


@pytest.mark.parametrize(
    "change",
    [
        lambda entries: entries.pop(0),
        lambda entries: entries.pop(1),
        lambda entries: entries.reverse(),
        lambda entries: entries.append(entries[-1]),
        lambda entries: entries[1]["signatures"].pop(),
        lambda entries: entries[1]["signatures"].append(entries[1]["signatures"][0]),
        lambda entries: entries[1].update(signatures=entries[2]["signatures"]),
        lambda entries: entries.clear(),
    ],
)
def test_a_key_left_out_moved_or_badly_introduced_is_found(history, change):
    with pytest.raises(EvidenceError, match="history of the signing keys"):
        parse_history(altered(history, change))


def test_a_stranger_cannot_add_a_key(history, keys):
    stranger = SigningKey.generate()
    payload = {
        "created": "2026-11-23T08:00:00.009Z",
        "key_id": stranger.id,
        "previous": keys[2].id,
        "public_key": stranger.public.pem,
    }
    forged = sign(INTRODUCTION_TYPE, canonical_bytes(payload), [stranger, stranger])
    with pytest.raises(EvidenceError, match="nobody of the history introduced"):
        parse_history(altered(history, lambda entries: entries.append(forged.to_json())))


@pytest.mark.parametrize("name", ["created", "key_id", "previous", "public_key"])
def test_an_introduction_must_say_all_it_has_to(keys, name):
    payload = json.loads(introduce(keys[0], None, created_ms=AT_MS).envelope.payload)
    payload[name] = 7
    forged = sign(INTRODUCTION_TYPE, canonical_bytes(payload), [keys[0]])
    data = {"format": "atlaslens-signing-keys", "version": 1, "keys": [forged.to_json()]}
    with pytest.raises(EvidenceError, match="with an introduction that"):
        parse_history(canonical_bytes(data) + b"\n")


def test_a_later_version_is_told(history):
    data = history.to_json() | {"version": 2}
    with pytest.raises(EvidenceError, match="version is not 1"):
        parse_history(canonical_bytes(data) + b"\n")


@pytest.mark.parametrize("content", [b"", b"{}", b"[]", b'{"format":"other","keys":[],"version":1}\n'])
def test_something_else_is_refused(content):
    with pytest.raises(EvidenceError, match=r"not (JSON|one of this product)"):
        parse_history(content)


def test_another_byte_form_is_refused(history):
    with pytest.raises(EvidenceError, match="canonical"):
        parse_history(json.dumps(history.to_json()).encode())
