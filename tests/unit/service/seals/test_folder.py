"""What is kept of seals in the data folder, and what happens when it is damaged."""

from __future__ import annotations

import json
import stat

import pytest

from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.seals.chain import seal_id
from atlaslens_forwarder.seals.seal import read_seal
from atlaslens_forwarder.service.seals.folder import SealFolder
from atlaslens_forwarder.service.seals.watch import SealWatch
from atlaslens_forwarder.service.seals.witness import HeadFile
from tests.property.seals.memory import World


@pytest.fixture
def folder(tmp_path):
    found = SealFolder(tmp_path / "seals")
    with found.alone():
        yield found


async def two_seals():
    world = World({"audit": 1})
    for _ in range(2):
        world.store.write("audit", 0)
        await world.seal()
    return [read_seal(world.copies[number]) for number in (1, 2)]


async def test_the_newest_seal_is_the_head_and_files_are_private(folder):
    first, second = await two_seals()
    assert folder.newest() is None
    folder.save(first)
    folder.save(second)

    assert folder.newest().hash == second.hash
    assert folder.copy(1).hash == first.hash
    assert [read_seal(each).seal.number for each in folder.copies()] == [1, 2]
    assert json.loads((folder.path / "head.json").read_text()) == {
        "number": 2,
        "hash": second.hash,
        "created": second.seal.created,
    }
    with folder.keep_leaves(1) as keep:
        keep(b"leaf")
    folder.save_stamp(1, b"stamp")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.path.iterdir()} == {0o600}
    assert folder.stamp(1) == b"stamp"
    assert folder.stamp(2) is None


async def test_a_damaged_copy_is_passed_over_by_a_verification_and_refused_as_the_base_of_a_seal(folder):
    first, second = await two_seals()
    folder.save(first)
    folder.save(second)
    path = folder.path / f"{seal_id(2)}.seal.json"
    path.write_text(path.read_text().replace('"payload":"', '"payload":"AAAA'))

    assert [read_seal(each).seal.number for each in folder.copies() if each.payload[:1] == b"{"] == [1]
    with pytest.raises(EvidenceError):
        folder.newest()


def test_leaves_come_back_line_by_line_and_end_where_the_file_is_damaged(folder):
    lines = [b"%d-%d" % (number, number * 7919) for number in range(5_000)]
    with folder.keep_leaves(3) as keep:
        for line in lines:
            keep(line)
    assert list(folder.lines(3)) == lines
    path = folder.path / f"{seal_id(3)}.leaves.gz"
    path.write_bytes(path.read_bytes()[:2_000])
    found = list(folder.lines(3))
    assert found == lines[: len(found)]
    assert len(found) < len(lines)
    path.write_bytes(b"no gzip")
    assert list(folder.lines(3)) == []


def keep_one_and_fail(folder):
    with folder.keep_leaves(2) as keep:
        keep(b"leaf")
        raise RuntimeError


def test_no_file_is_left_of_no_leaves_and_of_a_seal_that_failed(folder):
    with folder.keep_leaves(1):
        pass
    with pytest.raises(RuntimeError):
        keep_one_and_fail(folder)
    assert folder.lines(1) is None
    assert folder.lines(2) is None


def test_only_one_process_seals_from_a_folder(folder):
    with pytest.raises(ConfigError, match="another change"), SealFolder(folder.path).alone():
        pass


async def test_a_file_of_heads_that_cannot_be_written_is_told_and_holds_up_nothing(tmp_path):
    first, second = await two_seals()
    witness = HeadFile(tmp_path / "heads.jsonl")
    assert await witness.tell(first) == await witness.tell(second) == ""
    lines = (tmp_path / "heads.jsonl").read_text().splitlines()
    assert [json.loads(line)["hash"] for line in lines] == [first.hash, second.hash]
    assert await HeadFile(tmp_path / "nowhere" / "heads.jsonl").tell(first) == "No such file or directory"


async def test_run_looks_again_when_a_seal_is_due_and_after_a_failure_a_tenth_of_the_interval_later():
    class Sealer:
        """Counts how often it was asked; the first time it fails."""

        asked = 0

        async def make_if_due(self):
            self.asked += 1
            if self.asked == 1:
                raise RuntimeError
            return now[0] + 3_600_000

    now = [1_000_000]
    sealer = Sealer()
    watch = SealWatch(sealer, 3600, lambda: now[0])
    with pytest.raises(RuntimeError):
        await watch.tick()
    for later_ms, asked in ((359_999, 1), (1, 2), (3_599_999, 2), (1, 3)):
        now[0] += later_ms
        await watch.tick()
        assert sealer.asked == asked
