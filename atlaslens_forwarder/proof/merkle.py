"""Merkle trees as in RFC 6962, section 2.1 (RFC 9162 has the same), over SHA-256. Pure.

A leaf is hashed behind a zero byte, a node behind a one byte, so that no node can pass for a leaf; the left
part of every node is the largest complete tree. A tree is fed leaf by leaf and holds one hash for each of its
complete parts: memory grows with the logarithm of the leaves.

Where leaves may be withheld later, each is salted (``salted_leaf``): the hash of a withheld row then tells
nothing to somebody who guesses the row.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SALT_BYTES: Final = 16
"""128 random bits: what is withheld cannot be found by trying (RFC 9901, section 4.2.1, asks for as many)."""

EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of a tree without leaves."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def salted_leaf(salt: bytes, data: bytes) -> bytes:
    """The hash of a leaf whose data is its salt followed by the row.

    Raises:
        ValueError: the salt has another length, so that part of it could pass for the row.
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return leaf_hash(salt + data)


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node over its two parts."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class MerkleTree:
    """A tree that grows at its right end; it gives the root and keeps no leaves."""

    def __init__(self) -> None:
        self.size = 0
        self._complete: list[tuple[int, bytes]] = []
        """Complete parts from left to right: their numbers of leaves (falling powers of two) and hashes."""

    def add(self, leaf: bytes) -> None:
        """Append the hash of the next leaf."""
        size, found = 1, leaf
        while self._complete and self._complete[-1][0] == size:
            _, left = self._complete.pop()
            size, found = 2 * size, node_hash(left, found)
        self._complete.append((size, found))
        self.size += 1

    def root(self) -> bytes:
        """The root over all leaves so far."""
        if not self._complete:
            return EMPTY_ROOT
        found = self._complete[-1][1]
        for _, left in reversed(self._complete[:-1]):
            found = node_hash(left, found)
        return found


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over hashed leaves."""
    tree = MerkleTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def inclusion_path(leaves: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """The path that proves leaf ``index`` of ``size`` (RFC 6962, section 2.1.1), nearest sibling first.

    The leaves are read once; only the siblings' roots are kept.

    Raises:
        ValueError: there is no such leaf, or there are not as many leaves as ``size`` says.
    """
    spans = sibling_spans(index, size)
    trees = {span: MerkleTree() for span in spans}
    ordered = sorted(spans)
    current = 0
    count = 0
    for position, leaf in enumerate(leaves):
        count += 1
        while current < len(ordered) and position >= ordered[current][1]:
            current += 1
        if current < len(ordered) and position >= ordered[current][0]:
            trees[ordered[current]].add(leaf)
    if count != size:
        raise ValueError(f"{count} leaves instead of {size}")
    return [trees[span].root() for span in spans]


def sibling_spans(index: int, size: int) -> list[tuple[int, int]]:
    """The leaves ``[start, end)`` under each sibling on the way up from a leaf, nearest first.

    Raises:
        ValueError: there is no such leaf.
    """
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    spans: list[tuple[int, int]] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _left_size(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return spans[::-1]


def root_from_path(leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """The root that a path leads to; equal to the tree's root exactly when it proves the leaf at its place.

    Raises:
        ValueError: there is no such leaf, or the path has another length than its place asks for.
    """
    spans = sibling_spans(index, size)
    if len(path) != len(spans):
        raise ValueError(f"the path has {len(path)} hashes instead of {len(spans)}")
    found = leaf
    for (start, _), sibling in zip(spans, path, strict=True):
        found = node_hash(sibling, found) if start < index else node_hash(found, sibling)
    return found


def _left_size(size: int) -> int:
    """The largest power of two below ``size`` (which is at least 2)."""
    return 1 << (size - 1).bit_length() - 1
