"""What verify says of whole, broken and foreign files."""

from __future__ import annotations

import hashlib
import json

import pytest

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.checks import Verdict
from atlaslens_forwarder.evidence.row_formats import ExportFormat
from atlaslens_forwarder.evidence.verify import verify
from atlaslens_forwarder.model.canonical import canonical_bytes
from tests.unit.evidence.made_exports import make_export, sample_event

EVENTS = [sample_event(number) for number in range(20)]
UNPROVEN = {
    ExportFormat.JSONL: ["manifest_sha256", "origin", "statements"],
    ExportFormat.CSV: ["manifest_sha256", "events_sha256", "origin", "statements"],
}


@pytest.fixture(params=list(ExportFormat))
def fmt(request) -> ExportFormat:
    return request.param


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_whole_export_verifies_and_says_what_nobody_checked(tmp_path, fmt, count):
    make_export(tmp_path / "q1", fmt, EVENTS[:count])
    report = verify(tmp_path / "q1")
    assert report.ok
    assert report.count == count
    assert [check.name for check in report.not_checked] == UNPROVEN[fmt]
    assert all(check.detail for check in report.checks)


def test_the_printed_digest_ties_the_manifest(tmp_path, fmt):
    digest = make_export(tmp_path / "q1", fmt, EVENTS)
    assert verify(tmp_path / "q1", manifest_sha256=digest.upper()).ok
    wrong = verify(tmp_path / "q1", manifest_sha256="0" * 64)
    assert [check.name for check in wrong.failed] == ["manifest_sha256"]


def test_two_events_that_claim_one_id_are_stated_and_verify(tmp_path, fmt):
    make_export(tmp_path / "q1", fmt, [EVENTS[0], EVENTS[0], EVENTS[1]])
    assert verify(tmp_path / "q1").ok


def origin_verdict(path, answers) -> Verdict:
    given = iter(answers)
    report = verify(path, origin=lambda event: next(given) if event else False)
    return next(check.verdict for check in report.checks if check.name == "origin")


def test_origin_is_proven_refuted_or_openly_unknown(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS[:3])
    assert origin_verdict(tmp_path / "q1", [True, True, True]) is Verdict.OK
    assert origin_verdict(tmp_path / "q1", [True, False, None]) is Verdict.FAILED
    assert origin_verdict(tmp_path / "q1", [True, None, True]) is Verdict.NOT_CHECKED


def test_a_wrong_origin_names_its_row(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    report = verify(tmp_path / "q1", origin=lambda event: event["event"]["id"] != "jira:audit:cloud:000004")
    assert [check.detail for check in report.failed] == ["row 5 does not match its event.hash"]


def test_missing_check_sums_are_a_failure_not_a_silence(tmp_path, fmt):
    make_export(tmp_path / "q1", fmt, EVENTS)
    (tmp_path / "q1.sha256").unlink()
    assert [check.name for check in verify(tmp_path / "q1").failed] == ["checksums"]


def test_a_renamed_export_says_its_old_name(tmp_path, fmt):
    make_export(tmp_path / "q1", fmt, EVENTS)
    for suffix in ("", ".manifest.json", ".sha256"):
        (tmp_path / f"q1{suffix}").rename(tmp_path / f"q2{suffix}")
    report = verify(tmp_path / "q2")
    assert {check.name for check in report.failed} == {"name", "checksums"}
    assert any("q1" in check.detail for check in report.failed)


def forge(path, content: bytes) -> None:
    """Replace the rows and make size and digests of all three files agree with them again."""
    path.write_bytes(content)
    place = path.with_name("q1.manifest.json")
    manifest = json.loads(place.read_bytes())
    digest = hashlib.sha256(content).hexdigest()
    manifest["file"] |= {"bytes": len(content), "sha256": digest}
    if manifest["file"]["format"] == "jsonl":
        manifest["events_sha256"] = digest
    place.write_bytes(canonical_bytes(manifest) + b"\n")
    manifest_digest = hashlib.sha256(place.read_bytes()).hexdigest()
    path.with_name("q1.sha256").write_text(f"{digest}  q1\n{manifest_digest}  q1.manifest.json\n")


ONE_LINERS = [{**event, "message": "one line"} for event in EVENTS[:3]]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: [rows[0], rows[1].replace(b":", b": ", 1), rows[2]], "row 2 is not in canonical form"),
        (lambda rows: [rows[0], rows[1], rows[2].rstrip()], "row 3 is not in canonical form"),
        (
            lambda rows: [rows[0].replace(b"{", b'{"@timestamp":1,', 1), *rows[1:]],
            "row 1 is not in canonical form",
        ),
        (lambda rows: [b"[]\n", *rows[1:]], "row 1 is not a JSON object"),
        (lambda rows: [rows[0], b"\xff\n", rows[2]], "row 2 is not UTF-8 JSON"),
        (lambda rows: [rows[0], rows[1], b'{"a":NaN}\n'], "row 3 has no canonical form"),
        (lambda rows: [rows[0], b'{"@timestamp":"soon"}\n', rows[2]], "row 2 has a @timestamp"),
    ],
)
def test_a_consistent_forgery_of_jsonl_is_found_by_the_form_of_its_rows(tmp_path, change, expected):
    path = tmp_path / "q1"
    make_export(path, ExportFormat.JSONL, ONE_LINERS)
    forge(path, b"".join(change(path.read_bytes().splitlines(keepends=True))))
    failures = {check.name: check.detail for check in verify(path).failed}
    assert failures["rows"].startswith(expected)
    assert failures.keys().isdisjoint({"size", "sha256", "checksums", "events_sha256"})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda rows: [rows[0].replace(b"time", b"Time"), *rows[1:]], "the header is not that"),
        (lambda rows: [rows[0][3:], *rows[1:]], "the header is not that"),
        (
            lambda rows: [*rows[:3], rows[3].replace(b"jira", b'"jira"', 1)],
            "row 3 is broken: a cell is quoted",
        ),
        (lambda rows: [*rows[:2], rows[2].replace(b"jira,", b"jira,,", 1), rows[3]], "row 2 has 44 cells"),
        (lambda rows: [*rows[:3], rows[3].replace(b"2026", b"year", 1)], "row 3 has a time"),
    ],
)
def test_a_consistent_forgery_of_csv_is_found_by_the_form_of_its_rows(tmp_path, change, expected):
    path = tmp_path / "q1"
    make_export(path, ExportFormat.CSV, ONE_LINERS)
    forge(path, b"".join(change(path.read_bytes().splitlines(keepends=True))))
    failures = {check.name: check.detail for check in verify(path).failed}
    assert failures["rows"].startswith(expected)
    assert failures.keys().isdisjoint({"size", "sha256", "checksums"})


def test_a_consistent_forgery_is_found_by_the_order_of_its_rows(tmp_path, fmt):
    path = tmp_path / "q1"
    make_export(path, fmt, ONE_LINERS)
    *rows, last = path.read_bytes().splitlines(keepends=True)
    forge(path, b"".join([*rows[:-1], last, rows[-1]]))
    failures = {check.name: check.detail for check in verify(path).failed}
    assert failures == {"order": "row 3 belongs before the row above it"}


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe" * 99, b'"' * 99, b"[" * 99_999, b"[]\n", b"\xef\xbb\xbf"]
)
def test_a_file_of_other_content_is_reported_not_raised(tmp_path, fmt, content):
    make_export(tmp_path / "q1", fmt, EVENTS)
    (tmp_path / "q1").write_bytes(content)
    assert {"size", "sha256", "count"} <= {check.name for check in verify(tmp_path / "q1").failed}


def test_a_missing_file_a_folder_and_a_manifest_are_told(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    for name, said in (("q9", "no file"), (".", "no file"), ("q1.manifest.json", "verify q1")):
        with pytest.raises(EvidenceError) as caught:
            verify(tmp_path / name)
        assert said in caught.value.one_line()


def test_a_foreign_file_has_no_manifest(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    with pytest.raises(EvidenceError, match="no manifest beside it"):
        verify(tmp_path / "photo.jpg")


def edited(manifest, change) -> bytes:
    return canonical_bytes({**manifest, **change}) + b"\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "not one of this product"),
        ({"version": 2}, "version is not 1"),
        ({"version": True}, "version is not 1"),
        ({"extra": 1}, "missing or unknown"),
        ({"count": -1}, "count"),
        ({"count": "20"}, "count"),
        ({"created": "now"}, "created"),
        ({"first": "2026-01-01"}, "first"),
        ({"events_sha256": "00"}, "events_sha256"),
        ({"filter": {}}, "filter"),
        ({"file": {}}, "format"),
        ({"store": []}, "store"),
        ({"gaps": {}}, "gaps"),
        ({"tool": {"name": "other", "version": "1"}}, "tool"),
    ],
)
def test_a_damaged_manifest_is_one_line_that_names_the_part(tmp_path, change, said):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    place = tmp_path / "q1.manifest.json"
    place.write_bytes(edited(json.loads(place.read_bytes()), change))
    with pytest.raises(EvidenceError, match=said) as caught:
        verify(tmp_path / "q1")
    assert caught.value.hint


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[" * 99_999, b"{}", b"null", b'{"format":"atlaslens-evidence"}']
)
def test_a_manifest_that_is_none_is_one_line(tmp_path, content):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    (tmp_path / "q1.manifest.json").write_bytes(content)
    with pytest.raises(EvidenceError):
        verify(tmp_path / "q1")


def test_a_manifest_in_another_json_form_is_damaged(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    place = tmp_path / "q1.manifest.json"
    place.write_text(json.dumps(json.loads(place.read_bytes()), indent=1))
    with pytest.raises(EvidenceError, match="canonical form"):
        verify(tmp_path / "q1")


def test_a_store_that_could_be_changed_is_said_so(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.JSONL, EVENTS)
    place = tmp_path / "q1.manifest.json"
    place.write_bytes(
        edited(json.loads(place.read_bytes()), {"store": {"indices": [{"append_only": False}]}})
    )
    statement = verify(tmp_path / "q1").checks[-1]
    assert "NOT append-only" in statement.detail


def test_the_report_becomes_json(tmp_path, fmt):
    make_export(tmp_path / "q1", fmt, EVENTS)
    report = json.loads(json.dumps(verify(tmp_path / "q1").to_json()))
    assert report["ok"] is True
    assert {"name": "count", "verdict": "ok", "detail": "rows: 20"} in report["checks"]
