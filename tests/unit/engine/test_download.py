"""Downloads: retried when cut, refused when altered."""

from __future__ import annotations

import hashlib
import threading
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine.artifacts import LockedArtifact
from atlaslens_forwarder.engine.download import fetch_all, fetch_verified, fetch_with_jgo
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

GOOD = b"the right bytes"


def locked(name: str = "thing") -> LockedArtifact:
    return LockedArtifact("lib", "org.example", name, "1.0", hashlib.sha256(GOOD).hexdigest())


def server(*answers: bytes | Exception) -> tuple[Callable[[LockedArtifact, Path], Path], list[str]]:
    """A source that answers in turn (the last one for ever) and keeps a file it has already written."""
    asked: list[str] = []

    def fetch(artifact: LockedArtifact, repository: Path) -> Path:
        path = repository / "org" / "example" / artifact.name / artifact.version / artifact.file_name
        if path.exists():
            return path
        answer = answers[min(len(asked), len(answers) - 1)]
        asked.append(artifact.name)
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(answer, Exception):
            path.write_bytes(GOOD[:4])
            raise answer
        path.write_bytes(answer)
        return path

    return fetch, asked


def test_a_cut_connection_is_tried_again_and_its_remains_are_not_used(tmp_path: Path) -> None:
    fetch, asked = server(ConnectionError("cut"), RuntimeError("503"), GOOD)
    waits: list[float] = []
    path = fetch_verified(locked(), tmp_path, fetch=fetch, sleep=waits.append)
    assert path.read_bytes() == GOOD
    assert len(asked) == 3
    assert waits == [1.0, 2.0]


def test_a_half_written_file_of_an_earlier_run_is_replaced(tmp_path: Path) -> None:
    fetch, _ = server(GOOD)
    half = fetch(locked(), tmp_path)
    half.write_bytes(GOOD[:5])
    assert fetch_verified(locked(), tmp_path, fetch=fetch, sleep=lambda _s: None).read_bytes() == GOOD


def test_altered_bytes_are_refused_by_name_and_deleted(tmp_path: Path) -> None:
    fetch, _ = server(b"other bytes")
    with pytest.raises(EngineError, match=r"org\.example:thing:1\.0 does not have the locked checksum"):
        fetch_verified(locked(), tmp_path, fetch=fetch, sleep=lambda _s: None)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_dead_network_is_one_clear_line(tmp_path: Path) -> None:
    fetch, asked = server(ConnectionError("no route"))
    with pytest.raises(EngineError, match=r"org\.example:thing:1\.0 cannot be downloaded") as caught:
        fetch_verified(locked(), tmp_path, fetch=fetch, sleep=lambda _s: None)
    assert len(asked) == 4
    assert "start again" in caught.value.one_line()


def test_all_are_fetched_and_progress_ends_at_the_total(tmp_path: Path) -> None:
    fetch, asked = server(GOOD)
    artifacts = [locked(f"thing-{number}") for number in range(20)]
    lines: list[str] = []
    found = fetch_all(artifacts, tmp_path, cancelled=threading.Event(), progress=lines.append, fetch=fetch)
    assert set(found) == set(artifacts)
    assert sorted(asked) == sorted(artifact.name for artifact in artifacts)
    assert lines[-1] == "downloaded 20 of 20 files"


def test_one_failure_ends_the_whole_and_keeps_what_came(tmp_path: Path) -> None:
    good, asked = server(GOOD)
    others_came = threading.Event()

    def fetch(artifact: LockedArtifact, repository: Path) -> Path:
        if artifact.name == "thing-3":
            assert others_came.wait(10)
            raise ConnectionError
        path = good(artifact, repository)
        if len(asked) == 4:
            others_came.set()
        return path

    artifacts = [locked(f"thing-{number}") for number in range(5)]
    with pytest.raises(EngineError, match="thing-3"):
        fetch_all(
            artifacts,
            tmp_path,
            cancelled=threading.Event(),
            progress=lambda _line: None,
            fetch=fetch,
            sleep=lambda _s: None,
        )
    assert {path.name for path in tmp_path.rglob("*.jar")} == {
        f"thing-{number}-1.0.jar" for number in (0, 1, 2, 4)
    }


def test_a_set_flag_ends_it_before_the_next_file(tmp_path: Path) -> None:
    fetch, asked = server(GOOD)
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(EngineError, match="interrupted"):
        fetch_all([locked()], tmp_path, cancelled=cancelled, progress=lambda _line: None, fetch=fetch)
    assert asked == []


def test_a_missing_extra_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jgo.maven", None)
    with pytest.raises(EngineError) as caught:
        fetch_with_jgo(locked(), tmp_path)
    assert "atlaslens-forwarder[embedded]" in caught.value.one_line()
