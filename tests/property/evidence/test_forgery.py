"""No change to any byte, row or claim of a bundle passes, and no clean bundle raises an alarm.

Thousands of changes at places drawn from a seed; the check that fails is the right one.
"""

from __future__ import annotations

import base64
import hashlib
import json
import random
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.filters import ExportFilter, View
from atlaslens_forwarder.evidence.layout import CHECKSUMS, ENVELOPE_TYPE, EVENTS, MANIFEST, ROWS, ReportFormat
from atlaslens_forwarder.evidence.redact import RedactionOrder, redact
from atlaslens_forwarder.evidence.row_proof import check_row_proof, prove_row
from atlaslens_forwarder.evidence.side_files import checksums
from atlaslens_forwarder.evidence.verify import verify
from atlaslens_forwarder.model.canonical import canonical_bytes
from atlaslens_forwarder.proof.dsse import sign
from atlaslens_forwarder.proof.key_history import KeyHistory, introduce
from atlaslens_forwarder.proof.signing_file import HeldKey, SigningKeys
from atlaslens_forwarder.proof.signing_key import SigningKey
from tests.unit.evidence.made_exports import (
    CREATED_MS,
    JANUARY,
    JANUARY_MS,
    make_export,
    sample_event,
    signing_keys,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from atlaslens_forwarder.evidence.checks import VerifyReport

COUNT = 6
BYTES_EACH = 1_000
"""Changed bytes per kind of container."""
NAMES = st.text(st.characters(codec="utf-8"), max_size=12)
PIN = [signing_keys().history.introductions[0].key.id]
WITHHELD = {2, 5}


def sample_rows() -> list[Any]:
    return [sample_event(number, full_name=f"Zoë {number}") for number in range(COUNT)]


@pytest.fixture(scope="module")
def quick_folder() -> Iterator[Path]:
    """In memory where the system has that: a bundle is brought to the disk before it gets its name."""
    memory = Path("/dev/shm")  # noqa: S108  a folder of its own is made in it
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)


@pytest.fixture(scope="module")
def made(quick_folder) -> dict[str, Path]:
    """A clean bundle of each kind."""
    folder = quick_folder
    found = {"folder": folder / "b", "zip": folder / "b.zip"}
    for path in found.values():
        make_export(path, sample_rows())
    order = RedactionOrder("auditor on host", "privacy", CREATED_MS + 5000, "1.2.3", signing_keys())
    for name, path in (("redacted folder", folder / "r"), ("redacted zip", folder / "r.zip")):
        redact(found["folder"], path, lambda number, _: number in WITHHELD, order, force=False)
        found[name] = path
    found["proof"] = folder / "p.json"
    found["proof"].write_bytes(prove_row(found["zip"], 3))
    return found


def verdict(path: Path) -> VerifyReport | None:
    """The report, None where it is so damaged that one line of error is all there is."""
    try:
        return verify(path, pins=PIN)
    except EvidenceError:
        return None


def failures(path: Path) -> dict[str, str]:
    report = verify(path, pins=PIN)
    return {check.name: check.detail for check in report.failed}


def flipped(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    changed[rng.randrange(len(changed))] ^= rng.randrange(1, 256)
    return bytes(changed)


@pytest.mark.parametrize("kind", ["folder", "redacted folder"])
def test_any_changed_byte_of_any_file_is_found_and_named(made, tmp_path, kind):
    rng = random.Random(6)
    path = tmp_path / "copy"
    shutil.copytree(made[kind], path)
    files = sorted(each for each in path.rglob("*") if each.is_file())
    for _ in range(BYTES_EACH):
        file = rng.choice(files)
        content = file.read_bytes()
        file.write_bytes(flipped(content, rng))
        report = verdict(path)
        file.write_bytes(content)
        if report is not None:
            told = {check.name: check.detail for check in report.failed}
            assert "checksums" in told, file
            right = {
                EVENTS: {"digests"},
                ROWS: {"digests"},
                "report.csv": {"digests", "csv"},
                "report.jsonl": {"digests", "jsonl"},
                "VERIFY.txt": {"side files"},
                "manifest.dsse.json": {"signature"},
                "redactable.dsse.json": {"signature"},
                "signing-keys.json": {"digests", "key", "signature"},
                "redaction.dsse.json": {"redaction"},
                "redaction-keys.json": {"redaction"},
                "redaction.json": {"redaction"},
                "manifest.json": {"signature"},
            }
            assert right.get(file.name, set()) <= set(told), (file.name, told)
            if file.suffix == ".pem":
                assert "side files" in told
    assert verify(path, pins=PIN).ok


@pytest.mark.parametrize("kind", ["zip", "redacted zip"])
def test_any_changed_byte_of_a_zip_is_found(made, tmp_path, kind):
    rng = random.Random(7)
    content = made[kind].read_bytes()
    path = tmp_path / "copy.zip"
    for _ in range(BYTES_EACH):
        path.write_bytes(flipped(content, rng))
        report = verdict(path)
        assert report is None or report.failed
    for changed in (content + b"\0", content[:-1], b"x" + content):
        path.write_bytes(changed)
        report = verdict(path)
        assert report is None or "container" in {check.name for check in report.failed}


def test_a_changed_byte_of_a_pdf_is_found_though_the_check_sums_are_made_anew(quick_folder):
    rng = random.Random(11)
    path = quick_folder / "with pdf"
    make_export(path, sample_rows()[:2], [ReportFormat.PDF])
    place = path / "report.pdf"
    content = place.read_bytes()
    for _ in range(3):
        place.write_bytes(flipped(content, rng))
        with_checksums(path)
        assert set(failures(path)) == {"digests", "pdf"}


def test_any_changed_byte_of_a_proof_of_a_row_is_found(made):
    rng = random.Random(8)
    content = made["proof"].read_bytes()
    for _ in range(BYTES_EACH):
        try:
            report = check_row_proof(flipped(content, rng), "p", pins=PIN)
        except EvidenceError:
            continue
        assert report.failed
    assert check_row_proof(content, "p", pins=PIN).ok


def with_checksums(path: Path) -> None:
    """As a forger would: the check sums are made anew."""
    names = (each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file())
    digests = {name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in names}
    (path / CHECKSUMS).write_bytes(checksums(digests))


def drop(rows: list[Any], rng: random.Random) -> tuple[int, str]:
    place = rng.randrange(len(rows))
    del rows[place]
    return place + 1, f"row {place + 1} is missing"


def double(rows: list[Any], rng: random.Random) -> tuple[int, str]:
    place = rng.randrange(len(rows))
    rows.insert(place, rows[place])
    return place + 2, f"row {place + 2} "


def add(rows: list[Any], rng: random.Random) -> tuple[int, str]:
    place = rng.randrange(len(rows))
    rows.insert(place, sample_event(40 + place))
    return place + 1, f"row {place + 1} (jira:audit:cloud:{40 + place:06d}) was added"


def swap(rows: list[Any], rng: random.Random) -> tuple[int, str]:
    place = rng.randrange(len(rows) - 1)
    rows[place : place + 2] = rows[place + 1], rows[place]
    return place + 1, f"row {place + 1} and row {place + 2} were exchanged"


def alter(rows: list[Any], rng: random.Random) -> tuple[int, str]:
    place = rng.randrange(len(rows))
    section, field = rng.choice(
        [("user", "full_name"), ("user", "id"), ("event", "action"), ("atlassian", "product")]
    )
    rows[place][section][field] = f"forged {rng.random()}"
    return place + 1, f"row {place + 1} (jira:audit:cloud:{place:06d}) is not what was exported"


@pytest.mark.parametrize("change", [drop, double, add, swap, alter])
def test_a_changed_row_is_named_though_only_digests_are_signed(made, tmp_path, change):
    rng = random.Random(9)
    path = tmp_path / "copy"
    shutil.copytree(made["folder"], path)
    for _ in range(40):
        rows = sample_rows()
        number, said = change(rows, rng)
        (path / EVENTS).write_bytes(b"".join(canonical_bytes(row) + b"\n" for row in rows))
        with_checksums(path)
        told = failures(path)
        assert said in told["leaves"], told["leaves"]
        assert {"digests", "csv", "jsonl"} <= set(told)
        if change is alter:
            assert f"row {number} differs from events.jsonl in " in told["csv"]
        if change in {drop, add, double}:
            assert "count" in told
        if change is swap:
            assert "order" in told
        if change is double:
            assert "repeated" in told
        assert "checksums" not in told
        assert "merkle" not in told


def test_a_changed_field_of_a_report_is_named_by_row_and_field(made, tmp_path):
    rng = random.Random(10)
    path = tmp_path / "copy"
    shutil.copytree(made["folder"], path)
    whole = {name: (path / name).read_bytes() for name in ("report.csv", "report.jsonl")}
    for _ in range(40):
        number = rng.randrange(COUNT)
        for name, content in whole.items():
            (path / name).write_bytes(content.replace(f"Zoë {number}".encode(), f"Zoe {number}".encode()))
        with_checksums(path)
        told = failures(path)
        for form in ("csv", "jsonl"):
            said = f"report.{form} row {number + 1} differs from events.jsonl in user.full_name"
            assert told[form] == said
        assert set(told) == {"digests", "csv", "jsonl"}


CLAIMS: dict[str, tuple[Callable[[Any], None], set[str]]] = {
    "count": (lambda one: one.update(count=one["count"] - 1), {"count"}),
    "repeated": (lambda one: one.update(repeated=1), {"repeated"}),
    "first": (lambda one: one.update(first="2026-01-01T00:00:00.999Z"), {"span"}),
    "last": (lambda one: one.update(last="2026-01-09T00:00:00.000Z"), {"span"}),
    "from": (lambda one: one["filter"].update({"from": "2026-01-02T00:00:00.000Z"}), {"filter"}),
    "user": (lambda one: one["filter"].update(users=["nobody else"]), {"filter"}),
    "action": (lambda one: one["filter"].update(actions=["group_created"]), {"filter"}),
    "product": (lambda one: one["filter"].update(products=["confluence"]), {"filter"}),
    "a wider filter": (lambda one: one["filter"].update(products=[]), set()),
    "a later end": (lambda one: one["filter"].update(to="2027-01-01T00:00:00.000Z"), set()),
    "creation": (lambda one: one.update(created="2026-03-02T00:00:00.000Z"), set()),
    "exporter": (lambda one: one.update(exporter="somebody else"), set()),
    "gap": (lambda one: one.update(gaps=[]), set()),
    "hole": (lambda one: one["coverage"]["connectors"]["acme:jira-audit"].update(holes=[]), set()),
    "window": (lambda one: one["coverage"].update(verdict="complete"), set()),
    "cluster": (lambda one: one["store"].update(cluster_uuid="d"), set()),
    "seal": (lambda one: one.update(seal_head={"number": 1, "hash": "0" * 64}), set()),
    "tool": (lambda one: one["tool"].update(version="9"), set()),
    "root": (lambda one: one["merkle"].update(root="0" * 64), {"merkle"}),
    "size": (lambda one: one["files"][0].update(bytes=1), {"digests"}),
    "report": (lambda one: one["files"].pop(2), {"files"}),
    "digest of rows": (lambda one: one["files"][1].update(sha256="0" * 64), {"digests"}),
}


@pytest.mark.parametrize("claim", CLAIMS)
def test_a_changed_claim_breaks_the_signature_and_the_check_of_that_claim(made, tmp_path, claim):
    path = tmp_path / "copy"
    shutil.copytree(made["folder"], path)
    manifest = json.loads((path / MANIFEST).read_bytes())
    change, named = CLAIMS[claim]
    change(manifest)
    content = canonical_bytes(manifest) + b"\n"
    (path / MANIFEST).write_bytes(content)
    with_checksums(path)
    assert {"signature", *named} <= set(failures(path))

    stranger = SigningKey.generate()  # now the forger signs it, and says so
    manifest["signing_keys"] = [stranger.id]
    content = canonical_bytes(manifest) + b"\n"
    (path / MANIFEST).write_bytes(content)
    (path / "manifest.dsse.json").write_bytes(sign(ENVELOPE_TYPE, content, [stranger]).to_bytes())
    with_checksums(path)
    assert {"signature", "key"} <= set(failures(path))


def test_a_whole_bundle_by_a_stranger_is_not_of_the_trusted_key(tmp_path):
    stranger = SigningKey.generate()
    keys = SigningKeys(
        (HeldKey(stranger, None),), KeyHistory((introduce(stranger, None, created_ms=JANUARY_MS),))
    )
    make_export(tmp_path / "b", sample_rows(), keys=keys)
    assert set(failures(tmp_path / "b")) == {"key"}
    untrusted = verify(tmp_path / "b")
    assert untrusted.ok
    assert "key" in {check.name for check in untrusted.not_checked}


def test_a_signature_that_is_left_out_or_exchanged_is_found(made, tmp_path):
    path = tmp_path / "copy"
    shutil.copytree(made["folder"], path)
    place = path / "manifest.dsse.json"
    envelope = json.loads(place.read_bytes())
    first, second = envelope["signatures"]
    for signatures in (
        [first],
        [second, first],
        [first, {**second, "sig": first["sig"]}],
        [first, second, {**first, "sig": base64.b64encode(b"\0" * 64).decode()}],
    ):
        place.write_bytes(canonical_bytes({**envelope, "signatures": signatures}) + b"\n")
        with_checksums(path)
        assert "signature" in failures(path)


def test_files_that_do_not_belong_there_are_named(made, tmp_path):
    for number, (name, make) in enumerate(
        {
            "extra.txt": lambda place: place.write_text("x"),
            "keys/other.pem": lambda place: place.write_text("x"),
            "link.txt": lambda place: place.symlink_to("/etc/hostname"),
            "folder": lambda place: place.mkdir(),
            "..hidden": lambda place: place.write_text("x"),
        }.items()
    ):
        path = tmp_path / str(number)
        shutil.copytree(made["folder"], path)
        make(path / name)
        assert name in failures(path)["files"]
    path = tmp_path / "less"
    shutil.copytree(made["folder"], path)
    for name in (EVENTS, ROWS, "report.csv", "signing-keys.json", "VERIFY.txt", "redactable.dsse.json"):
        kept = (path / name).read_bytes()
        (path / name).unlink()
        assert name in failures(path)["files"]
        (path / name).write_bytes(kept)


def test_a_withheld_row_cannot_be_smuggled_back_or_denied(made, tmp_path):
    path = tmp_path / "copy"
    shutil.copytree(made["redacted folder"], path)
    rows = (path / ROWS).read_bytes().splitlines(keepends=True)
    whole = (made["folder"] / ROWS).read_bytes().splitlines(keepends=True)
    (path / ROWS).write_bytes(b"".join([rows[0], whole[1], *rows[2:]]))
    with_checksums(path)
    assert "its salt is in rows.txt" in failures(path)["leaves"]
    (path / ROWS).write_bytes(b"".join([b"-" * 32 + rows[0][32:], *rows[1:]]))
    with_checksums(path)
    assert "row 1 has no salt" in failures(path)["leaves"]
    (path / ROWS).write_bytes(b"".join(rows))
    (path / "redaction.json").unlink()
    with_checksums(path)
    assert "statement of it is missing" in failures(path)["redaction"]


@st.composite
def events(draw) -> list[Any]:
    """Distinct events in order, many of them in the same millisecond, with names of all kinds."""
    seconds = draw(st.lists(st.integers(0, 3), max_size=8))
    return [
        sample_event(number, JANUARY_MS + second * 1000, full_name=draw(NAMES))
        for number, second in enumerate(sorted(seconds))
    ]


@settings(max_examples=1_000, deadline=None)
@given(rows=events(), is_zip=st.booleans(), data=st.data())
def test_clean_bundles_their_redactions_and_proofs_never_raise_an_alarm(quick_folder, rows, is_zip, data):
    folder = quick_folder
    path = folder / ("q1.zip" if is_zip else "q1")
    make_export(path, rows, force=True, seed=data.draw(st.integers(0, 99)))
    report = verify(path, pins=PIN)
    assert not report.failed
    assert {check.name for check in report.not_checked} == {"origin", "seal", "store", "statements"}
    if not rows:
        return
    number = data.draw(st.integers(1, len(rows)))
    assert check_row_proof(prove_row(path, number), "p", pins=PIN).ok
    gone = data.draw(st.sets(st.integers(1, len(rows)), min_size=1))
    order = RedactionOrder("a", "b", CREATED_MS, "1", data.draw(st.sampled_from([None, signing_keys()])))
    redact(path, folder / "r.zip", lambda at, _: at in gone, order, force=True)
    redacted = verify(folder / "r.zip", pins=PIN)
    assert not redacted.failed
    assert {"order", "filter"} <= {check.name for check in redacted.not_checked}


@settings(max_examples=400, deadline=None)
@given(rows=events(), name=NAMES)
def test_an_export_of_one_person_never_raises_an_alarm(quick_folder, rows, name):
    for row in rows:
        row["user"]["full_name"] = f"x{name}"
    one = ExportFilter(View.PERMISSIONS, JANUARY.from_ms, JANUARY.to_ms, users=(f"x{name}",))
    path = quick_folder / "person"
    make_export(path, rows, export_filter=one, force=True)
    assert not verify(path).failed
