"""docs/evidence.md says what the code does, enough to write another verifier from it alone."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from pathlib import Path

import pytest

from atlaslens_forwarder.evidence.columns import COLUMNS
from atlaslens_forwarder.evidence.filters import OBJECT_PATHS, USER_PATHS, View
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.evidence.redact import RedactionOrder, redact
from atlaslens_forwarder.evidence.row_proof import check_row_proof, prove_row
from atlaslens_forwarder.evidence.verify import verify
from tests.unit.evidence.made_exports import CREATED_MS, make_export, sample_event, signing_keys

PAGE = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text(encoding="utf-8")
EVENTS = [sample_event(number) for number in range(5)]


def first_cells(section: str) -> set[str]:
    """The names in the first column of the table of a section."""
    body = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`)[^|]* \|", body, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("docs")
    make_export(folder / "b", EVENTS, list(ReportFormat))
    make_export(folder / "c", EVENTS)
    order = RedactionOrder("auditor on host", "privacy", CREATED_MS, "1.2.3", signing_keys())
    redact(folder / "c", folder / "r.zip", lambda number, _: number == 2, order, force=False)
    return folder / "b"


def test_the_page_lists_the_columns_in_order():
    listed = PAGE.split("<!-- columns -->")[1].split("<!-- /columns -->")[0]
    assert re.findall(r"`([^`]+)`", listed) == list(COLUMNS)


def test_the_page_lists_every_key_of_a_manifest_and_no_other(bundle):
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    assert first_cells("The manifest") == set(manifest)
    for part in ("tool", "filter", "store", "merkle"):
        assert all(f"`{key}`" in PAGE for key in manifest[part])
    assert all(f"`{key}`" in PAGE for file in manifest["files"] for key in file)
    for line in json.loads(prove_row(bundle, 1)), json.loads(redaction_of(bundle)):
        assert all(f"`{key}`" in PAGE for key in line)


def redaction_of(bundle: Path) -> bytes:
    order = RedactionOrder("auditor on host", "privacy", CREATED_MS, "1.2.3", None)
    redact(bundle.with_name("c"), bundle.with_name("s"), lambda number, _: number == 2, order, force=True)
    return (bundle.with_name("s") / "redaction.json").read_bytes()


def test_the_page_lists_every_file_and_no_other(bundle):
    key = re.compile(r"keys/[0-9a-f]{64}\.pem")
    names = {each.relative_to(bundle).as_posix() for each in bundle.rglob("*") if each.is_file()}
    known = {key.sub("keys/KEY_ID.pem", name) for name in names}
    redacted = {"redaction.json", "redaction.dsse.json", "redaction-keys.json"}
    assert first_cells("The files") - {"report-001.pdf"} == known | redacted


def test_the_page_lists_every_check_and_no_other(bundle):
    checks = [*verify(bundle).checks, *verify(bundle.with_name("r.zip")).checks]
    assert first_cells("What `verify` checks") == {check.name for check in checks}
    proven = check_row_proof(prove_row(bundle, 1), "p")
    assert all(f"`{check.name}`" in PAGE for check in proven.checks)


def test_the_page_names_views_and_fields():
    assert all(f"`{view.value}`" in PAGE for view in View)
    assert all(f"`{path}`" in PAGE for path in (*USER_PATHS, *OBJECT_PATHS))


def shell(script: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["/bin/sh", "-eu", "-c", script], cwd=folder, capture_output=True, text=True, check=False
    )


def steps_of_the_page() -> str:
    block = PAGE.split("<!-- steps -->")[1].split("<!-- /steps -->")[0]
    return re.search(r"```sh\n(.*?)```", block, re.DOTALL)[1]


def steps_of_the_how_to(bundle: Path) -> str:
    text = (bundle / "VERIFY.txt").read_text()
    lines = [line.strip() for line in text.split("in this folder")[1].splitlines() if line.startswith("    ")]
    return "\n".join(lines)


@pytest.mark.parametrize("source", ["page", "how-to"])
def test_sha256sum_and_openssl_check_a_bundle_by_the_steps_shown(bundle, tmp_path, source):
    steps = steps_of_the_page() if source == "page" else steps_of_the_how_to(bundle)
    steps = steps.replace("/tmp/", f"{tmp_path}/")  # noqa: S108  the steps as shown, in a folder of our own
    done = shell(steps, bundle)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count(": OK\n") == 12
    assert "Signature Verified Successfully" in done.stdout
    assert done.stdout.splitlines()[-1].split()[0] == signing_keys().current.id

    content = (bundle / "manifest.json").read_bytes()
    (bundle / "manifest.json").write_bytes(content.replace(b'"count":5', b'"count":6'))
    try:
        assert shell(steps, bundle).returncode != 0
        without_sums = steps.replace("sha256sum -c SHA256SUMS", "true")
        assert "Signature Verified" not in shell(without_sums, bundle).stdout
    finally:
        (bundle / "manifest.json").write_bytes(content)


def root_of(leaves: list[bytes]) -> bytes:
    """RFC 6962, section 2.1, as the page tells it."""
    if len(leaves) <= 1:
        return leaves[0] if leaves else hashlib.sha256().digest()
    cut = 1 << (len(leaves) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + root_of(leaves[:cut]) + root_of(leaves[cut:])).digest()


def test_a_reader_written_from_the_page_alone_agrees(bundle):
    manifest = json.loads((bundle / "manifest.json").read_bytes())
    envelope = json.loads((bundle / "manifest.dsse.json").read_bytes())
    assert base64.b64decode(envelope["payload"]) == (bundle / "manifest.json").read_bytes()
    for file in manifest["files"]:
        content = (bundle / file["name"]).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (file["bytes"], file["sha256"])
    leaves = []
    lines = (bundle / "events.jsonl").read_bytes().splitlines()
    for line, told in zip(lines, (bundle / "rows.txt").read_text().splitlines(), strict=True):
        salt, leaf = told.split(" ")
        leaves.append(hashlib.sha256(b"\0" + bytes.fromhex(salt) + line).digest())
        assert leaves[-1].hex() == leaf
    assert root_of(leaves).hex() == manifest["merkle"]["root"]
    assert [json.loads(line) for line in lines] == EVENTS
