"""docs/evidence.md says what the code does, enough to write another verifier from it alone."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from pathlib import Path

import pytest

from atlaslens_forwarder.evidence.columns import COLUMNS, cells_of
from atlaslens_forwarder.evidence.filters import USER_PATHS, View
from atlaslens_forwarder.evidence.row_formats import ExportFormat
from atlaslens_forwarder.evidence.verify import verify
from tests.unit.evidence.made_exports import make_export, sample_event

PAGE = (Path(__file__).parents[3] / "docs" / "evidence.md").read_text(encoding="utf-8")
EVENTS = [sample_event(number) for number in range(5)]


def first_cells(section: str) -> set[str]:
    """The names in the first column of the table of a section."""
    body = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", body, re.MULTILINE)
    return {name for cell in cells for name in re.findall(r"`([^`]+)`", cell)}


def test_the_page_lists_the_columns_in_order():
    listed = PAGE.split("<!-- columns -->")[1].split("<!-- /columns -->")[0]
    assert re.findall(r"`([^`]+)`", listed) == list(COLUMNS)


def test_the_page_lists_every_key_of_a_manifest_and_no_other(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.CSV, EVENTS)
    manifest = json.loads((tmp_path / "q1.manifest.json").read_bytes())
    assert first_cells("The manifest") == set(manifest)
    for part in ("tool", "filter", "file", "store"):
        assert all(f"`{key}`" in PAGE for key in manifest[part])


def test_the_page_lists_every_check_and_no_other(tmp_path):
    make_export(tmp_path / "q1", ExportFormat.CSV, EVENTS)
    assert first_cells("What `verify` checks") == {check.name for check in verify(tmp_path / "q1").checks}


def test_the_page_names_views_and_user_fields():
    assert all(f"`{view.value}`" in PAGE for view in View)
    assert all(f"`{path}`" in PAGE for path in USER_PATHS)


@pytest.mark.parametrize("fmt", list(ExportFormat))
def test_a_reader_written_from_the_page_alone_agrees(tmp_path, fmt):
    make_export(tmp_path / "q1", fmt, EVENTS)
    content = (tmp_path / "q1").read_bytes()
    manifest_content = (tmp_path / "q1.manifest.json").read_bytes()
    manifest = json.loads(manifest_content)
    digests = [hashlib.sha256(part).hexdigest() for part in (content, manifest_content)]
    sums = f"{digests[0]}  q1\n{digests[1]}  q1.manifest.json\n"
    assert (tmp_path / "q1.sha256").read_text() == sums
    assert manifest["file"]["sha256"] == digests[0]
    if fmt is ExportFormat.JSONL:
        assert [json.loads(line) for line in content.splitlines()] == EVENTS
        assert manifest["events_sha256"] == digests[0]
    else:
        header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
        assert header == manifest["file"]["columns"]
        undone = [[cell.removeprefix("'") for cell in row] for row in rows]
        assert undone == [cells_of(event) for event in EVENTS]
