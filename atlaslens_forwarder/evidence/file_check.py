"""Checks that every file of a bundle is one of its files and has the bytes that are stated. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.bundle import digest_of, read_small, shown
from atlaslens_forwarder.evidence.checks import Check, failed, passed
from atlaslens_forwarder.evidence.layout import (
    CHECKSUMS,
    ENVELOPE,
    HISTORY,
    MANIFEST,
    REDACTABLE,
    REDACTION,
    REDACTION_ENVELOPE,
    REDACTION_HISTORY,
)
from atlaslens_forwarder.evidence.manifest import listed
from atlaslens_forwarder.evidence.side_files import checksums, derived

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from atlaslens_forwarder.evidence.bundle import Bundle
    from atlaslens_forwarder.evidence.manifest import ListedFile, Manifest
    from atlaslens_forwarder.evidence.redaction import Redaction
    from atlaslens_forwarder.proof.key_history import KeyHistory


def files_here(manifest: Manifest, redaction: Redaction | None) -> tuple[ListedFile, ...]:
    """The files that are listed: by the manifest, or what a redaction made of them."""
    if redaction is None:
        return manifest.files
    history = listed(manifest.files, HISTORY)
    return (*redaction.files, *([history] if history is not None else []))


def check_files(
    bundle: Bundle, manifest: Manifest, redaction: Redaction | None, histories: Sequence[KeyHistory]
) -> tuple[Check, list[Check]]:
    """The check of the names, and those of digests, check sums and side files.

    Raises:
        OSError: a file cannot be read.
    """
    files = files_here(manifest, redaction)
    sides = derived(manifest.claims, histories, redaction)
    expected = {MANIFEST, ENVELOPE, CHECKSUMS, *sides, *(each.name for each in files)}
    if redaction is None:
        expected.add(REDACTABLE)
    else:
        expected.add(REDACTION)
        if redaction.signing_keys:
            expected |= {REDACTION_ENVELOPE, REDACTION_HISTORY}
    digests = {name: digest_of(bundle, name) for name in bundle.sizes if name != CHECKSUMS}
    return _names(bundle, expected), [
        _digests(bundle, files, digests),
        _checksums(bundle, digests),
        _sides(bundle, sides),
    ]


def _names(bundle: Bundle, expected: Collection[str]) -> Check:
    name = "files"
    missing = sorted(set(expected) - set(bundle.sizes))
    unknown = sorted(set(bundle.sizes) - set(expected))
    if bundle.strange:
        return failed(name, "; ".join(bundle.strange[:5]))
    if missing:
        return failed(name, f"{shown(missing[0])} is missing")
    if unknown:
        return failed(name, f"{shown(unknown[0])} is no file of this bundle")
    return passed(name, f"{len(expected)} files, all known")


def _digests(bundle: Bundle, files: Sequence[ListedFile], digests: Mapping[str, str]) -> Check:
    name = "digests"
    for each in files:
        size_bytes = bundle.sizes.get(each.name)
        if size_bytes is None:
            return failed(name, f"{each.name} is missing")
        if size_bytes != each.size_bytes:
            return failed(name, f"{each.name} has {size_bytes} bytes instead of {each.size_bytes}")
        if digests[each.name] != each.sha256:
            return failed(name, f"{each.name} does not have its SHA-256")
    return passed(name, f"{len(files)} files have their size and SHA-256")


def _checksums(bundle: Bundle, digests: Mapping[str, str]) -> Check:
    name = "checksums"
    if read_small(bundle, CHECKSUMS) == checksums(digests):
        return passed(name, f"{CHECKSUMS} states every file")
    return failed(name, f"{CHECKSUMS} does not state the files that are here")


def _sides(bundle: Bundle, sides: Mapping[str, bytes]) -> Check:
    name = "side files"
    for side, content in sides.items():
        if read_small(bundle, side) != content:
            return failed(name, f"{side} is not what follows from manifest and keys")
    return passed(name, "key files and VERIFY.txt follow from manifest and keys")
