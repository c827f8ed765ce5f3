"""What verify says of whole, broken and foreign bundles."""

from __future__ import annotations

import json
import zipfile

import pytest

from atlaslens_forwarder.errors import ConfigError, EvidenceError
from atlaslens_forwarder.evidence.checks import Verdict, failed
from atlaslens_forwarder.evidence.layout import MANIFEST
from atlaslens_forwarder.evidence.redact import RedactionOrder, redact
from atlaslens_forwarder.evidence.row_proof import prove_row
from atlaslens_forwarder.evidence.verify import verify, with_store_checks
from atlaslens_forwarder.model.canonical import canonical_bytes
from tests.unit.evidence.made_exports import CREATED_MS, make_export, sample_event, signing_keys

EVENTS = [sample_event(number) for number in range(20)]
UNSIGNED = RedactionOrder("auditor on host", "privacy", CREATED_MS + 1, "1.2.3", None)


@pytest.mark.parametrize("count", [0, 1, 20])
@pytest.mark.parametrize("name", ["q1", "q1.zip"])
def test_a_whole_bundle_verifies_and_says_what_nobody_checked(tmp_path, name, count):
    make_export(tmp_path / name, EVENTS[:count])
    report = verify(tmp_path / name)
    assert report.ok
    assert report.count == count
    assert [check.name for check in report.not_checked] == ["key", "origin", "seal", "store", "statements"]
    assert all(check.detail for check in report.checks)


def test_a_trusted_key_is_followed_to_later_ones_but_not_back(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    old, new = (each.key.id for each in signing_keys().history.introductions)
    for pins, said in (([old], "trusted key"), ([new], "trusted key"), ([old, "0" * 64], "trusted key")):
        check = next(each for each in verify(tmp_path / "q1", pins=pins).checks if each.name == "key")
        assert check.verdict is Verdict.OK
        assert said in check.detail
    wrong = verify(tmp_path / "q1", pins=["0" * 64])
    assert [check.name for check in wrong.failed] == ["key"]


def test_two_events_that_claim_one_id_are_stated_and_verify(tmp_path):
    make_export(tmp_path / "q1", [EVENTS[0], EVENTS[0], EVENTS[1]])
    assert verify(tmp_path / "q1").ok


def origin_verdict(path, answers) -> Verdict:
    given = iter(answers)
    report = verify(path, origin=lambda _: next(given))
    return next(check.verdict for check in report.checks if check.name == "origin")


def test_origin_is_proven_refuted_or_openly_unknown(tmp_path):
    make_export(tmp_path / "q1", EVENTS[:3])
    assert origin_verdict(tmp_path / "q1", [True, True, True]) is Verdict.OK
    assert origin_verdict(tmp_path / "q1", [True, False, None]) is Verdict.FAILED
    assert origin_verdict(tmp_path / "q1", [True, None, True]) is Verdict.NOT_CHECKED


def test_a_wrong_origin_names_its_row(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    report = verify(tmp_path / "q1", origin=lambda event: event["event"]["id"] != "jira:audit:cloud:000004")
    assert [check.detail for check in report.failed] == [
        "row 5 (jira:audit:cloud:000004) does not match its event.hash"
    ]


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
        (lambda rows: [rows[0], rows[1], b'{"a":NaN}\n'], "row 3 is not UTF-8 JSON"),
        (lambda rows: [rows[0], b'{"@timestamp":"soon"}\n', rows[2]], "row 2 has a @timestamp"),
    ],
)
def test_rows_in_another_form_are_named(tmp_path, change, expected):
    make_export(tmp_path / "q1", EVENTS[:3])
    place = tmp_path / "q1" / "events.jsonl"
    place.write_bytes(b"".join(change(place.read_bytes().splitlines(keepends=True))))
    told = {check.name: check.detail for check in verify(tmp_path / "q1").failed}
    assert told["rows"].startswith(expected)
    assert {"digests", "checksums"} <= set(told)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda text: text.replace(b"time", b"Time", 1), "does not begin as it must"),
        (lambda text: text[3:], "does not begin as it must"),
        (lambda text: text.replace(b"jira", b'"jira"', 1), "row 1 is broken: a cell is quoted"),
        (lambda text: text.replace(b"jira,", b"jira,,", 1), "row 1 has 44 cells"),
        (lambda text: text.replace(b"events,3", b"events,4", 1), "has another stamp or more rows"),
        (lambda text: text + b"x", "goes on after its end"),
        (lambda text: text[: text.index(b"2026-01-01T00:00:02")], "row 3 is missing"),
        (
            lambda text: text.replace(b"T00:00:01.000Z", b"T00:00:09.000Z"),
            "row 2 differs",
        ),
    ],
)
def test_what_is_wrong_with_a_csv_is_named(tmp_path, change, expected):
    make_export(tmp_path / "q1", EVENTS[:3])
    place = tmp_path / "q1" / "report.csv"
    place.write_bytes(change(place.read_bytes()))
    told = {check.name: check.detail for check in verify(tmp_path / "q1").failed}
    assert expected in told["csv"]
    assert set(told) == {"digests", "checksums", "csv"}


@pytest.mark.parametrize("content", [b"", b"\x00\xff\xfe" * 99, b'"' * 99, b"[" * 99_999, b"[]\n", b"\n"])
@pytest.mark.parametrize("name", ["events.jsonl", "rows.txt", "report.csv", "report.jsonl", "SHA256SUMS"])
def test_a_file_of_other_content_is_reported_not_raised(tmp_path, name, content):
    make_export(tmp_path / "q1", EVENTS)
    (tmp_path / "q1" / name).write_bytes(content)
    assert "checksums" in {check.name for check in verify(tmp_path / "q1").failed}


def test_what_is_no_bundle_is_told_in_one_line(tmp_path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")
    (tmp_path / "folder").mkdir()
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    for name, said in (
        ("nothing", "there is no"),
        ("photo.jpg", "is not a bundle"),
        ("folder", "holds no manifest.json"),
        ("other.zip", "holds no manifest.json"),
    ):
        with pytest.raises(EvidenceError) as caught:
            verify(tmp_path / name)
        assert said in caught.value.one_line()
        assert caught.value.hint


def test_a_zip_that_is_packed_otherwise_is_not_the_exported_one(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    names = [each for each in (tmp_path / "q1").rglob("*") if each.is_file()]
    with zipfile.ZipFile(tmp_path / "again.zip", "w") as archive:
        for each in names:
            archive.write(each, each.relative_to(tmp_path / "q1").as_posix())
    assert [check.name for check in verify(tmp_path / "again.zip").failed] == ["container"]
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(tmp_path / "q1" / MANIFEST, MANIFEST, zipfile.ZIP_STORED)
        archive.writestr("events.jsonl", b"0" * 10_000_000)
        archive.writestr("../../etc/passwd", b"x", zipfile.ZIP_STORED)
    told = {check.name: check.detail for check in verify(tmp_path / "bomb.zip").failed}
    assert "events.jsonl is not stored plainly" in told["files"]
    assert "../../etc/passwd is no name of a bundle's file" in told["files"]


def test_a_name_that_is_there_twice_is_named(tmp_path):
    make_export(tmp_path / "q1.zip", EVENTS)
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(tmp_path / "q1.zip", "a") as archive:
        archive.writestr("events.jsonl", b"x")
    told = {check.name: check.detail for check in verify(tmp_path / "q1.zip").failed}
    assert "events.jsonl is there twice" in told["files"]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"format": "other"}, "not one of this product"),
        ({"version": 1}, "version is not 2"),
        ({"version": True}, "version is not 2"),
        ({"extra": 1}, "unknown key"),
        ({"count": -1}, "count"),
        ({"count": "20"}, "count"),
        ({"created": "now"}, "created"),
        ({"first": "2026-01-01"}, "first"),
        ({"events_sha256": "00"}, "events_sha256"),
        ({"events_sha256": "0" * 64}, "events_sha256"),
        ({"filter": {}}, "filter"),
        ({"files": {}}, "files"),
        ({"files": [{"name": "../x", "bytes": 1, "sha256": "0" * 64}]}, "files"),
        ({"store": []}, "store"),
        ({"gaps": {}}, "gaps"),
        ({"signing_keys": []}, "signing_keys"),
        ({"tool": {"name": "other", "version": "1"}}, "unknown key"),
    ],
)
def test_a_damaged_manifest_is_one_line_that_names_the_part(tmp_path, change, said):
    make_export(tmp_path / "q1", EVENTS)
    place = tmp_path / "q1" / MANIFEST
    place.write_bytes(canonical_bytes({**json.loads(place.read_bytes()), **change}) + b"\n")
    with pytest.raises(EvidenceError, match=said) as caught:
        verify(tmp_path / "q1")
    assert caught.value.hint


@pytest.mark.parametrize(
    "content",
    [b"\xff", b"[" * 99_999, b"{}", b"null", b'{"format":"atlaslens-evidence","version":2}'],
)
@pytest.mark.parametrize("name", ["manifest.json", "redaction.json"])
def test_a_statement_that_is_none_is_one_line(tmp_path, name, content):
    make_export(tmp_path / "q1", EVENTS)
    (tmp_path / "q1" / name).write_bytes(content)
    with pytest.raises(EvidenceError):
        verify(tmp_path / "q1")


def test_a_missing_key_is_named(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    place = tmp_path / "q1" / MANIFEST
    manifest = json.loads(place.read_bytes())
    del manifest["gaps"]
    place.write_bytes(canonical_bytes(manifest) + b"\n")
    with pytest.raises(EvidenceError, match="the key gaps is missing"):
        verify(tmp_path / "q1")


def test_the_report_becomes_json_and_takes_what_the_store_says(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    report = verify(tmp_path / "q1")
    told = json.loads(json.dumps(report.to_json()))
    assert told["ok"] is True
    assert {"name": "count", "verdict": "ok", "detail": "rows: 20"} in told["checks"]
    asked = with_store_checks(report, [failed("store", "row 1 differs")])
    assert [check.detail for check in asked.failed] == ["row 1 differs"]
    assert len(asked.checks) == len(report.checks)


def test_a_redaction_without_a_signature_says_so_and_can_be_redacted_further(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    redact(tmp_path / "q1", tmp_path / "r1", lambda number, _: number == 3, UNSIGNED, force=False)
    made = redact(tmp_path / "r1", tmp_path / "r2.zip", lambda number, _: number > 18, UNSIGNED, force=False)
    assert made.withheld == ((3, 3), (19, 20))
    report = verify(tmp_path / "r2.zip")
    assert report.ok
    told = {check.name: check.detail for check in report.not_checked}
    assert told["redaction"] == "3 of 20 rows are withheld; auditor on host says so, and nobody signed it"


def test_nothing_of_a_redacted_bundle_lets_a_withheld_row_be_found_by_trying(tmp_path):
    """With a digest over all rows, or a salt, whoever has all rows but one could try the one."""
    made = make_export(tmp_path / "q1", EVENTS[:2])
    redact(tmp_path / "q1", tmp_path / "r1", lambda number, _: number == 2, UNSIGNED, force=False)
    there = b"".join(each.read_bytes() for each in (tmp_path / "r1").rglob("*") if each.is_file())
    salt = (tmp_path / "q1" / "rows.txt").read_bytes().splitlines()[1][:32]
    manifest = json.loads((tmp_path / "q1" / MANIFEST).read_bytes())
    for secret in (
        made.claims.events_sha256.encode(),
        made.manifest_sha256.encode(),
        salt,
        EVENTS[1]["event"]["id"].encode(),
        EVENTS[1]["@timestamp"].encode(),
        *(each["sha256"].encode() for each in manifest["files"] if each["name"] != "signing-keys.json"),
    ):
        assert secret not in there
    proof = prove_row(tmp_path / "q1", 1)
    assert made.claims.events_sha256.encode() not in proof


def test_what_cannot_be_redacted_or_proven_is_said(tmp_path):
    make_export(tmp_path / "q1", EVENTS)
    redact(tmp_path / "q1", tmp_path / "r1", lambda number, _: number == 3, UNSIGNED, force=False)
    with pytest.raises(ConfigError, match="no row would be withheld"):
        redact(tmp_path / "q1", tmp_path / "r2", lambda *_: False, UNSIGNED, force=False)
    with pytest.raises(EvidenceError, match="row 3 is withheld"):
        prove_row(tmp_path / "r1", 3)
    with pytest.raises(EvidenceError, match="there is no row 21"):
        prove_row(tmp_path / "q1", 21)
    (tmp_path / "q1" / "report.csv").write_text("x")
    with pytest.raises(EvidenceError, match="does not verify"):
        redact(tmp_path / "q1", tmp_path / "r2", lambda *_: True, UNSIGNED, force=False)
    assert not (tmp_path / "r2").exists()
