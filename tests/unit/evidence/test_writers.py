"""Evidence files on the disk: whole or not at all."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from stat import S_IMODE

import pytest

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.evidence.row_formats import ExportFormat
from atlaslens_forwarder.evidence.writers import EvidenceWriter
from tests.unit.evidence.made_exports import make_export, sample_event

EVENTS = [sample_event(number) for number in range(20)]
FULL_DISK = Path("/dev/full")


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("fmt", list(ExportFormat))
def test_an_export_is_three_files_that_not_everyone_may_read(tmp_path, fmt):
    make_export(tmp_path / "q1", fmt, EVENTS)
    assert names(tmp_path) == ["q1", "q1.manifest.json", "q1.sha256"]
    assert all(S_IMODE(path.stat().st_mode) & 0o007 == 0 for path in tmp_path.iterdir())


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no coreutils on this machine")
@pytest.mark.parametrize("fmt", list(ExportFormat))
def test_sha256sum_checks_it_without_our_tool(tmp_path, fmt):
    make_export(tmp_path / "q1.out", fmt, EVENTS)
    check = ["sha256sum", "--strict", "-c", "q1.out.sha256"]
    done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "q1.out: OK\nq1.out.manifest.json: OK\n"


def test_csv_and_jsonl_of_the_same_events_state_the_same_digest(tmp_path):
    for fmt in ExportFormat:
        make_export(tmp_path / fmt, fmt, EVENTS)
    manifests = [json.loads((tmp_path / f"{fmt}.manifest.json").read_bytes()) for fmt in ExportFormat]
    lines = (tmp_path / "jsonl").read_bytes()
    assert {manifest["events_sha256"] for manifest in manifests} == {hashlib.sha256(lines).hexdigest()}


@pytest.mark.parametrize("fmt", list(ExportFormat))
def test_the_same_events_give_the_same_bytes(tmp_path, fmt):
    digests = {make_export(tmp_path / "a", fmt, EVENTS, force=True) for _ in range(2)}
    assert len(digests) == 1


def test_a_failure_leaves_nothing_behind_and_the_old_export_untouched(tmp_path):
    path = tmp_path / "q1"
    make_export(path, ExportFormat.JSONL, EVENTS)
    before = {place.name: place.read_bytes() for place in tmp_path.iterdir()}
    with EvidenceWriter(path, ExportFormat.CSV, force=True) as writer:
        writer.write(EVENTS[:3])  # and no more: publish is never reached
    assert {place.name: place.read_bytes() for place in tmp_path.iterdir()} == before


@pytest.mark.parametrize("existing", ["q1", "q1.manifest.json", "q1.sha256", "q1.part"])
def test_an_existing_file_is_replaced_only_by_force(tmp_path, existing):
    (tmp_path / existing).write_text("mine")
    with pytest.raises(ConfigError, match="exists"):
        make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    assert names(tmp_path) == [existing]
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS, force=True)
    assert "q1.part" not in names(tmp_path)


def test_a_missing_folder_a_folder_or_an_unusable_name_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    for place, said in (("nowhere/q1", "does not exist"), ("folder", "is a folder"), ("a\nb", "usable name")):
        with pytest.raises(ConfigError, match=said):
            make_export(tmp_path / place, ExportFormat.JSONL, EVENTS)


def write_all(writer: EvidenceWriter) -> None:
    """Whether the disk tells at a row or at the last flush is its own affair."""
    writer.write(EVENTS)
    writer.finish()


@pytest.mark.skipif(not FULL_DISK.exists(), reason="no /dev/full here")
def test_a_full_disk_is_told_in_one_line(tmp_path, monkeypatch):
    def full(path, *, force):
        del path, force
        return FULL_DISK.open("wb")

    monkeypatch.setattr("atlaslens_forwarder.evidence.writers.open_part", full)
    with (
        EvidenceWriter(tmp_path / "q1", ExportFormat.JSONL) as writer,
        pytest.raises(ConfigError, match="No space left"),
    ):
        write_all(writer)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"@timestamp": "soon"}, "not an ISO-8601 time"),
        ({"@timestamp": None}, "not one text"),
        ({"message": "\ud800"}, "lone surrogate"),
        ({"message": 2**53}, "beyond"),
    ],
)
def test_an_event_that_cannot_be_evidence_is_named(tmp_path, damage, said):
    with (
        pytest.raises(StoreError, match=said) as caught,
        EvidenceWriter(tmp_path / "q1", ExportFormat.JSONL) as writer,
    ):
        writer.write([{**sample_event(7), **damage}])
    assert "jira:audit:cloud:000007" in caught.value.message
    assert names(tmp_path) == []


def test_rows_out_of_order_are_an_error_of_the_store(tmp_path):
    with (
        pytest.raises(StoreError, match="out of order"),
        EvidenceWriter(tmp_path / "q1", ExportFormat.JSONL) as writer,
    ):
        writer.write([EVENTS[1], EVENTS[0]])
