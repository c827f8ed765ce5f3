"""The bytes under a seal's roots."""

from __future__ import annotations

import hashlib

import pytest

from atlaslens_forwarder.proof.merkle import leaf_hash, node_hash
from atlaslens_forwarder.seals.leaf import Document, Leaf, content_sha256, root_hex

SOURCE = {"b": 1, "a": "é"}


def test_a_leaf_is_what_the_docs_say():
    content = hashlib.sha256('{"a":"é","b":1}'.encode()).hexdigest()

    assert Leaf.of(Document(7, 'x"y', SOURCE)).data() == f'["7","x\\"y","{content}"]'.encode()


def test_a_leaf_comes_back_from_its_line_and_nothing_else_does():
    leaf = Leaf.of(Document(2**60, "id", SOURCE))

    assert Leaf.read(leaf.data()) == leaf
    for line in (
        b"",
        b"[]",
        b'["1","a"]',
        b'["1", "a","b"]',
        b'["01","a","b"]',
        b"{}",
        leaf.data() + b" ",
        b"7",
    ):
        with pytest.raises(ValueError):  # noqa: PT011  which of the reasons does not matter
            Leaf.read(line)


@pytest.mark.parametrize("value", [2**60, float("inf"), "\ud800"])
def test_a_document_without_canonical_form_has_a_digest_that_tells_changes(value):
    assert content_sha256({"a": value}) != content_sha256({"a": [value]})


def test_the_root_is_that_of_rfc_6962():
    one, two, three = (leaf_hash(each) for each in (b"1", b"2", b"3"))

    assert root_hex([b"1", b"2", b"3"]) == node_hash(node_hash(one, two), three).hex()
    assert root_hex([]) == hashlib.sha256(b"").hexdigest()
