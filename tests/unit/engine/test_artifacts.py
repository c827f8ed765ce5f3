"""The lock file of the engine: its form, and the one that is shipped."""

from __future__ import annotations

import re

import pytest

from atlaslens_forwarder.engine.artifacts import (
    LockedArtifact,
    format_lock,
    lock_digest,
    parse_lock,
    read_lock,
)
from atlaslens_forwarder.engine.spec import DEFAULT_SPEC
from atlaslens_forwarder.errors import EngineError

SUM = "ab" * 32


def test_a_line_names_coordinates_checksum_and_place() -> None:
    found = parse_lock(f"# a comment\n\norg.example:thing:1.0 {SUM} modules/some-thing  # why\n")
    assert found == (LockedArtifact("modules/some-thing", "org.example", "thing", "1.0", SUM),)
    assert found[0].coordinates == "org.example:thing:1.0"
    assert found[0].file_name == "thing-1.0.jar"


def test_classifier_and_extension_are_part_of_the_file_name() -> None:
    (found,) = parse_lock(f"g:a:1:natives@zip {SUM} lib")
    assert (found.classifier, found.extension, found.file_name) == ("natives", "zip", "a-1-natives.zip")
    assert found.coordinates == "g:a:1:natives@zip"


@pytest.mark.parametrize(
    "line",
    [
        "g:a:1 lib",
        f"g:a {SUM} lib",
        f"g:a:1 {SUM[:-1]} lib",
        f"g:a:1 {SUM.upper()} lib",
        f"g:a:1 {SUM} ../lib",
        f"g:a:1 {SUM} modules/../../etc",
        f"g:../a:1/2 {SUM} lib",
    ],
)
def test_a_line_of_another_form_is_refused_with_its_number(line: str) -> None:
    with pytest.raises(EngineError, match="line 2 "):
        parse_lock(f"# first\n{line}\n")


def test_two_lines_for_one_file_are_refused() -> None:
    with pytest.raises(EngineError, match="repeats g:a:1"):
        parse_lock(f"g:a:1 {SUM} lib\nh:a:1 {SUM} lib\n".replace("h:", "g:"))


def test_what_is_written_reads_back() -> None:
    artifacts = parse_lock(f"g:b:1:c@zip {SUM} lib\ng:a:2 {SUM} agent\n")
    assert set(parse_lock(format_lock(artifacts, version="9.9"))) == set(artifacts)


def test_the_digest_follows_the_files_and_not_their_order_or_comments() -> None:
    one = parse_lock(f"g:a:1 {SUM} lib\ng:b:1 {SUM} lib\n")
    same = parse_lock(f"# note\ng:b:1 {SUM} lib\ng:a:1 {SUM} lib\n")
    other = parse_lock(f"g:a:1 {'cd' * 32} lib\ng:b:1 {SUM} lib\n")
    assert lock_digest(one) == lock_digest(same) != lock_digest(other)


def test_the_shipped_lock_holds_every_part_of_the_spec() -> None:
    text = read_lock()
    artifacts = parse_lock(text)
    in_lib = {f"{item.group}:{item.name}:{item.version}" for item in artifacts if item.place == "lib"}
    assert set(DEFAULT_SPEC.lib) <= in_lib
    for module in DEFAULT_SPEC.modules:
        names = {item.name for item in artifacts if item.place == f"modules/{module.name}"}
        assert module.artifact in names
    assert {item.place for item in artifacts} == {
        "lib",
        "agent",
        *(f"modules/{module.name}" for module in DEFAULT_SPEC.modules),
    }


def test_no_module_of_the_shipped_lock_repeats_a_library() -> None:
    artifacts = parse_lock(read_lock())
    library = {(item.group, item.name) for item in artifacts if item.place == "lib"}
    repeated = [
        item for item in artifacts if item.place.startswith("modules/") and (item.group, item.name) in library
    ]
    assert repeated == []


def test_the_shipped_lock_names_no_server() -> None:
    assert not re.search(r"://|\brepo\d*\.|\.com/|maven2", read_lock())
