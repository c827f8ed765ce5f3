"""The home of the engine: whole or absent, built once, by one."""

from __future__ import annotations

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.engine.install import DESCRIPTOR, POLICY, descriptor, install
from atlaslens_forwarder.engine.spec import EngineSpec, Module
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from atlaslens_forwarder.engine.artifacts import LockedArtifact

SPEC = EngineSpec(
    version="9.9.9",
    lib=("g:server:1",),
    agent=("g:agent:1",),
    modules=(
        Module("plain", "plain", "org.example.Plain"),
        Module(
            "extra", "extra", "org.example.Extra", extends=("plain",), permissions=('a.B "*", "connect"',)
        ),
    ),
)
SUM = hashlib.sha256(b"jar").hexdigest()
LOCK = "".join(
    f"g:{name}:1 {SUM} {place}\n"
    for name, place in (
        ("server", "lib"),
        ("agent", "agent"),
        ("plain", "modules/plain"),
        ("extra", "modules/extra"),
    )
)


class Source:
    """Hands out files and counts how often it was asked."""

    def __init__(self, problem: Exception | None = None) -> None:
        self.calls = 0
        self.problem = problem

    def __call__(
        self, artifacts: Sequence[LockedArtifact], repository: Path, **_: Any
    ) -> dict[LockedArtifact, Path]:
        self.calls += 1
        if self.problem is not None:
            raise self.problem
        repository.mkdir(parents=True, exist_ok=True)
        found = {}
        for artifact in artifacts:
            found[artifact] = repository / artifact.file_name
            found[artifact].write_bytes(b"jar")
        return found


def put(cache_dir: Path, source: Source) -> Path:
    return install(cache_dir, spec=SPEC, lock_text=LOCK, fetch=source)


def test_files_land_in_their_places_with_descriptors(tmp_path: Path) -> None:
    home = put(tmp_path / "cache", Source())
    files = {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}
    assert files == {
        "lib/server-1.jar",
        "agent/agent-1.jar",
        "modules/plain/plain-1.jar",
        f"modules/plain/{DESCRIPTOR}",
        "modules/extra/extra-1.jar",
        f"modules/extra/{DESCRIPTOR}",
        f"modules/extra/{POLICY}",
    }
    assert 'permission a.B "*", "connect";' in (home / "modules" / "extra" / POLICY).read_text()


def test_a_descriptor_has_what_opensearch_asks_for() -> None:
    entries = dict(line.split("=", 1) for line in descriptor(SPEC.module("extra"), "9.9.9").splitlines())
    assert entries["classname"] == "org.example.Extra"
    assert entries["opensearch.version"] == "9.9.9"
    assert entries["extended.plugins"] == "plain"


def test_a_second_call_downloads_nothing(tmp_path: Path) -> None:
    source = Source()
    assert put(tmp_path, source) == put(tmp_path, source)
    assert source.calls == 1


def test_nothing_of_the_download_remains(tmp_path: Path) -> None:
    home = put(tmp_path, Source())
    assert [path.name for path in tmp_path.iterdir() if path.is_dir()] == [home.name]


def test_a_home_that_lost_a_file_is_built_again(tmp_path: Path) -> None:
    source = Source()
    home = put(tmp_path, source)
    (home / "lib" / "server-1.jar").unlink()
    assert (put(tmp_path, source) / "lib" / "server-1.jar").is_file()
    assert source.calls == 2


def test_a_failed_download_leaves_no_home_and_can_be_repeated(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="wrong"):
        put(tmp_path, Source(EngineError("wrong")))
    assert not [path for path in tmp_path.iterdir() if not path.name.startswith(".")]
    assert put(tmp_path, Source()).is_dir()


def test_of_two_at_once_one_builds_and_the_other_waits(tmp_path: Path) -> None:
    entered, go_on = threading.Event(), threading.Event()

    class Slow(Source):
        def __call__(self, artifacts: Sequence[LockedArtifact], repository: Path, **more: Any) -> Any:
            entered.set()
            assert go_on.wait(10)
            return super().__call__(artifacts, repository, **more)

    source, lines = Slow(), []

    def report(line: str) -> None:
        lines.append(line)
        if "waiting" in line:
            go_on.set()

    with ThreadPoolExecutor() as pool:
        first = pool.submit(put, tmp_path, source)
        assert entered.wait(10)
        second = pool.submit(install, tmp_path, spec=SPEC, lock_text=LOCK, fetch=source, progress=report)
        assert first.result(10) == second.result(10)
    assert source.calls == 1


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EngineError, match="cannot be written") as caught:
        put(tmp_path / "file" / "cache", Source())
    assert "ATLASLENS_ENGINE_CACHE" in caught.value.hint
