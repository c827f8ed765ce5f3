"""What export writes: whole bundles or nothing, the same bytes for the same input, open to any reader."""

from __future__ import annotations

import csv
import errno
import io
import json
import os
import random
import zipfile

import pytest

from atlaslens_forwarder.errors import ConfigError, StoreError
from atlaslens_forwarder.evidence.columns import COLUMNS, cells_of
from atlaslens_forwarder.evidence.events_writer import EventsWriter
from atlaslens_forwarder.evidence.staging import Staging, unwritable
from atlaslens_forwarder.evidence.zip_form import write_zip
from tests.unit.evidence.made_exports import make_export, sample_event

EVENTS = [sample_event(number) for number in range(5)]


def names(path) -> set[str]:
    return {each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file()}


def test_a_bundle_is_a_folder_or_one_zip_with_the_same_files_that_not_everyone_may_read(tmp_path):
    make_export(tmp_path / "b", EVENTS)
    make_export(tmp_path / "b.zip", EVENTS)
    with zipfile.ZipFile(tmp_path / "b.zip") as archive:
        assert set(archive.namelist()) == names(tmp_path / "b")
        assert archive.namelist()[0] == "VERIFY.txt"
        for name in archive.namelist():
            assert archive.read(name) == (tmp_path / "b" / name).read_bytes()
    for path in [tmp_path / "b", tmp_path / "b.zip", *(tmp_path / "b").rglob("*")]:
        assert not path.stat().st_mode & 0o007
    assert sorted(each.name for each in tmp_path.iterdir()) == ["b", "b.zip"]


def test_the_same_events_salts_and_time_give_the_same_bytes(tmp_path):
    for name in ("1.zip", "2.zip", "3.zip"):
        make_export(tmp_path / name, EVENTS, seed=2 if name == "3.zip" else 1)
    one, same, other = ((tmp_path / f"{number}.zip").read_bytes() for number in (1, 2, 3))
    assert one == same
    assert one != other


def test_reports_carry_their_stamp_and_stay_readable_by_machines(tmp_path):
    result = make_export(tmp_path / "b", EVENTS)
    content = (tmp_path / "b" / "report.csv").read_bytes().decode("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(content, newline=""))
    assert header == list(COLUMNS)
    assert {len(row) for row in rows} == {len(COLUMNS)}
    events = [[cell.removeprefix("'") for cell in row] for row in rows if not row[0].startswith("# ")]
    assert events == [cells_of(event) for event in EVENTS]
    stamp = {row[0].removeprefix("# "): row[1] for row in rows[len(EVENTS) :]}
    first, *others = map(json.loads, (tmp_path / "b" / "report.jsonl").read_bytes().splitlines())
    assert first == {"atlaslens_evidence_stamp": stamp}
    assert others == EVENTS
    assert stamp["SHA-256 of events.jsonl"] == result.claims.events_sha256
    assert stamp["Merkle root"] == result.claims.merkle_root
    assert stamp["events"] == "5"
    assert stamp["products"] == "jira"
    assert stamp["exported by"] == "auditor on host"


def test_a_bundle_may_be_without_any_report(tmp_path):
    make_export(tmp_path / "b", EVENTS, [])
    assert not any(name.startswith("report") for name in names(tmp_path / "b"))


@pytest.mark.parametrize("name", ["q1", "q1.zip"])
def test_an_existing_bundle_is_replaced_only_by_force(tmp_path, name):
    make_export(tmp_path / name, EVENTS)
    with pytest.raises(ConfigError, match="exists"):
        make_export(tmp_path / name, EVENTS[:1])
    make_export(tmp_path / name, EVENTS[:1], force=True)
    assert [each.name for each in tmp_path.iterdir()] == [name]


def test_what_is_no_bundle_is_never_replaced(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "a.jpg").write_text("mine")
    (tmp_path / "folder.zip").mkdir()
    for name in ("photos", "folder.zip"):
        with pytest.raises(ConfigError, match="no bundle"):
            make_export(tmp_path / name, EVENTS, force=True)
    assert (tmp_path / "photos" / "a.jpg").read_text() == "mine"


@pytest.mark.parametrize(("name", "said"), [("no/b", "does not exist"), ("a\nb", "usable name")])
def test_a_place_that_cannot_be_written_is_refused(tmp_path, name, said):
    with pytest.raises(ConfigError, match=said):
        make_export(tmp_path / name, EVENTS)


def test_a_failure_leaves_nothing_behind_and_the_old_bundle_untouched(tmp_path):
    make_export(tmp_path / "b.zip", EVENTS)
    before = (tmp_path / "b.zip").read_bytes()
    with pytest.raises(StoreError):
        make_export(tmp_path / "b.zip", EVENTS[::-1], force=True)
    assert (tmp_path / "b.zip").read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["b.zip"]


def test_two_exports_to_one_place_do_not_mix(tmp_path):
    with Staging(tmp_path / "b", force=False), pytest.raises(ConfigError, match="exists"):
        Staging(tmp_path / "b", force=False)
    assert list(tmp_path.iterdir()) == []


def test_a_full_disk_is_told_in_one_line():
    told = unwritable(os.devnull, OSError(errno.ENOSPC, "No space left on device")).one_line()
    assert told.startswith("cannot write /dev/null: No space left on device: free the space")


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"@timestamp": "soon"}, "ISO-8601"),
        ({"@timestamp": None}, "not one text"),
        ({"message": "\ud800"}, "lone surrogate"),
        ({"message": 2**60}, "integer"),
    ],
)
def test_an_event_that_cannot_be_evidence_is_named(tmp_path, damage, said):
    with Staging(tmp_path / "b", force=False) as staging:
        writer = EventsWriter(staging, random.Random(1).randbytes)
        with pytest.raises(StoreError, match=said) as caught:
            writer.write([EVENTS[0], {**EVENTS[1], **damage}])
        writer.close()
    assert "jira:audit:cloud:000001" in caught.value.one_line()


def test_a_time_before_zips_were_made_is_written_as_their_first(tmp_path):
    with (tmp_path / "z").open("w+b") as file:
        write_zip(file, [("a", 1)], lambda _: io.BytesIO(b"x"), 0)
    with zipfile.ZipFile(tmp_path / "z") as archive:
        assert archive.infolist()[0].date_time == (1980, 1, 1, 0, 0, 0)
