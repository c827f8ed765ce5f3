"""Which account the node gets, and what it can reach."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine import privileges
from atlaslens_forwarder.engine.privileges import (
    CAP_DAC_OVERRIDE,
    CAP_DAC_READ_SEARCH,
    NOBODY,
    Account,
    is_open_to,
    node_account,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

DROP = frozenset({0, 6, 7})  # chown, setgid, setuid
PASS_ON = 8  # setpcap
OUTSIDER = Account(uid=NOBODY, gid=NOBODY)


@pytest.fixture
def as_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter; pytest's own are closed to others."""
    from pathlib import Path
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder


def test_a_folder_is_open_when_all_above_it_may_be_entered(open_folder: Path) -> None:
    inner = open_folder / "closed" / "inner"
    inner.mkdir(parents=True)
    assert is_open_to(OUTSIDER, inner)
    (open_folder / "closed").chmod(0o700)
    assert is_open_to(OUTSIDER, open_folder)
    assert not is_open_to(OUTSIDER, inner)


def test_a_file_is_open_when_it_may_be_read(open_folder: Path) -> None:
    file = open_folder / "file"
    file.write_text("")
    file.chmod(0o644)
    assert is_open_to(OUTSIDER, file)
    file.chmod(0o640)
    assert not is_open_to(OUTSIDER, file)


def test_the_owner_is_judged_by_the_owners_bits(open_folder: Path) -> None:
    file = open_folder / "file"
    file.write_text("")
    file.chmod(0o600)
    found = file.stat()
    assert is_open_to(Account(uid=found.st_uid, gid=NOBODY), file)


def test_an_ordinary_starter_keeps_its_account(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert node_account([tmp_path], held=frozenset()) is None


@pytest.mark.usefixtures("as_root")
def test_root_becomes_nobody_without_any_capability(open_folder: Path) -> None:
    everything = DROP | {PASS_ON, CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH}
    assert node_account([open_folder], held=everything) == OUTSIDER
    assert node_account([open_folder], held=None) == OUTSIDER


@pytest.mark.usefixtures("as_root")
def test_a_closed_folder_costs_the_weakest_capability_there_is(open_folder: Path) -> None:
    open_folder.chmod(0o700)
    may_pass = DROP | {PASS_ON, CAP_DAC_OVERRIDE}
    full = node_account([open_folder], held=may_pass | {CAP_DAC_READ_SEARCH})
    container = node_account([open_folder], held=may_pass)
    assert full == Account(NOBODY, NOBODY, CAP_DAC_READ_SEARCH)
    assert container == Account(NOBODY, NOBODY, CAP_DAC_OVERRIDE)


@pytest.mark.usefixtures("as_root")
@pytest.mark.parametrize("held", [DROP, DROP | {CAP_DAC_READ_SEARCH}, None])
def test_a_closed_folder_is_named_when_nothing_can_be_kept(
    open_folder: Path, held: frozenset[int] | None
) -> None:
    open_folder.chmod(0o700)
    with pytest.raises(PermissionError, match=str(open_folder)):
        node_account([open_folder], held=held)


@pytest.mark.usefixtures("as_root")
def test_a_root_that_may_not_become_another_is_refused(open_folder: Path) -> None:
    with pytest.raises(PermissionError, match="may not become another account"):
        node_account([open_folder], held=frozenset())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_giving_does_not_follow_links(open_folder: Path) -> None:
    outside = open_folder / "outside"
    outside.write_text("")
    given = open_folder / "given"
    (given / "deep").mkdir(parents=True)
    (given / "deep" / "file").write_text("")
    (given / "link").symlink_to(outside)
    privileges.give(OUTSIDER, [given])
    assert (given / "deep" / "file").stat().st_uid == NOBODY
    assert given.stat().st_uid == NOBODY
    assert outside.stat().st_uid == 0
