"""Merkle trees against the recursive definition of RFC 6962, section 2.1, and its audit paths."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from atlaslens_forwarder.proof.merkle import (
    EMPTY_ROOT,
    SALT_BYTES,
    MerkleTree,
    inclusion_path,
    leaf_hash,
    node_hash,
    root_from_path,
    root_of,
    salted_leaf,
)

rows = st.lists(st.binary(max_size=8), max_size=70)


def by_definition(data: list[bytes]) -> bytes:
    """MTH as section 2.1 of the RFC writes it down."""
    if not data:
        return hashlib.sha256().digest()
    if len(data) == 1:
        return hashlib.sha256(b"\x00" + data[0]).digest()
    cut = 1
    while cut * 2 < len(data):
        cut *= 2
    return hashlib.sha256(b"\x01" + by_definition(data[:cut]) + by_definition(data[cut:])).digest()


def path_by_definition(index: int, data: list[bytes]) -> list[bytes]:
    """PATH as section 2.1.1 of the RFC writes it down."""
    if len(data) <= 1:
        return []
    cut = 1
    while cut * 2 < len(data):
        cut *= 2
    if index < cut:
        return [*path_by_definition(index, data[:cut]), by_definition(data[cut:])]
    return [*path_by_definition(index - cut, data[cut:]), by_definition(data[:cut])]


@given(rows)
def test_the_root_is_that_of_the_definition(data):
    assert root_of(map(leaf_hash, data)) == by_definition(data)


@given(rows)
def test_a_root_can_be_asked_at_every_size_while_the_tree_grows(data):
    tree = MerkleTree()
    assert tree.root() == EMPTY_ROOT
    for size, row in enumerate(data, 1):
        tree.add(leaf_hash(row))
        assert tree.size == size
        assert tree.root() == by_definition(data[:size])


@given(rows.filter(bool), st.data())
def test_the_path_is_that_of_the_definition_and_leads_to_the_root(data, draw):
    index = draw.draw(st.integers(0, len(data) - 1))
    leaves = [leaf_hash(row) for row in data]
    path = inclusion_path(leaves, index, len(leaves))
    assert path == path_by_definition(index, data)
    assert root_from_path(leaves[index], index, len(leaves), path) == root_of(leaves)


@given(rows.filter(lambda data: len(data) > 1), st.data())
def test_a_path_proves_no_other_leaf_and_no_other_place(data, draw):
    leaves = [leaf_hash(bytes([number]) + row) for number, row in enumerate(data)]
    index = draw.draw(st.integers(0, len(data) - 1))
    other = draw.draw(st.integers(0, len(data) - 1).filter(lambda each: each != index))
    path = inclusion_path(leaves, index, len(leaves))
    root = root_of(leaves)
    assert root_from_path(leaves[other], index, len(leaves), path) != root
    try:
        moved = root_from_path(leaves[index], other, len(leaves), path)
    except ValueError:
        return  # a place at another depth asks for a path of another length
    assert moved != root


@given(rows.filter(bool), st.data())
def test_a_path_with_one_bit_changed_proves_nothing(data, draw):
    leaves = [leaf_hash(row) for row in data]
    index = draw.draw(st.integers(0, len(data) - 1))
    path = inclusion_path(leaves, index, len(leaves))
    if not path:
        return
    step = draw.draw(st.integers(0, len(path) - 1))
    bit = draw.draw(st.integers(0, 255))
    changed = bytearray(path[step])
    changed[bit // 8] ^= 1 << bit % 8
    path[step] = bytes(changed)
    assert root_from_path(leaves[index], index, len(leaves), path) != root_of(leaves)


@given(st.binary(min_size=64, max_size=64))
def test_a_node_cannot_pass_for_a_leaf(two_hashes):
    assert leaf_hash(two_hashes) != node_hash(two_hashes[:32], two_hashes[32:])


@given(st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES), st.binary(max_size=9))
def test_a_salted_leaf_is_a_leaf_over_salt_and_row(salt, row):
    assert salted_leaf(salt, row) == leaf_hash(salt + row)


@pytest.mark.parametrize("length", [0, SALT_BYTES - 1, SALT_BYTES + 1])
def test_a_salt_of_another_length_is_refused(length):
    with pytest.raises(ValueError, match="salt"):
        salted_leaf(bytes(length), b"row")


@pytest.mark.parametrize(("index", "size"), [(0, 0), (-1, 3), (3, 3)])
def test_a_leaf_that_is_not_there_has_no_path(index, size):
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_path([leaf_hash(b"")] * size, index, size)


def test_a_path_of_the_wrong_length_or_over_other_leaves_is_refused():
    leaves = [leaf_hash(bytes([number])) for number in range(5)]
    path = inclusion_path(leaves, 2, 5)
    with pytest.raises(ValueError, match="hashes instead of"):
        root_from_path(leaves[2], 2, 5, path[:-1])
    with pytest.raises(ValueError, match="5 leaves instead of 6"):
        inclusion_path(leaves, 2, 6)


def test_known_roots():
    """Trees over the test inputs of certificate-transparency's reference implementation."""
    inputs = [b"", b"\x00", b"\x10"]
    assert root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert [root_of(map(leaf_hash, inputs[:size])).hex() for size in (1, 2, 3)] == [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    ]
