"""No change to any byte, row or claim of an export passes, and the check that fails is the right one."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.errors import EvidenceError
from atlaslens_forwarder.evidence.filters import ExportFilter, View
from atlaslens_forwarder.evidence.row_formats import ROW_FORMS, ExportFormat
from atlaslens_forwarder.evidence.verify import verify
from atlaslens_forwarder.model.canonical import canonical_bytes
from tests.unit.evidence.made_exports import JANUARY, JANUARY_MS, make_export, sample_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

EXAMPLES = settings(max_examples=100, deadline=None)
FORMATS = st.sampled_from(list(ExportFormat))
NAMES = st.text(st.characters(codec="utf-8"), max_size=12)


@st.composite
def events(draw, min_size: int = 0) -> list[Any]:
    """Distinct events in order, many of them in the same millisecond, with names of all kinds."""
    seconds = draw(st.lists(st.integers(0, 3), min_size=min_size, max_size=8))
    return [
        sample_event(number, JANUARY_MS + second * 1000, full_name=draw(NAMES))
        for number, second in enumerate(sorted(seconds))
    ]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def fresh(folder: Path, fmt: ExportFormat, rows: list[Any]) -> Path:
    path = folder / "q1"
    make_export(path, fmt, rows, force=True)
    return path


def failed(path: Path) -> set[str]:
    return {check.name for check in verify(path).failed}


def rows_of(fmt: ExportFormat, rows: list[Any]) -> tuple[bytes, list[bytes]]:
    """Header and rows of a file, one by one."""
    form = ROW_FORMS[fmt]
    return form.header, [form.row(row, canonical_bytes(row) + b"\n") for row in rows]


@EXAMPLES
@given(fmt=FORMATS, rows=events())
def test_a_clean_export_never_raises_an_alarm(folder, fmt, rows):
    assert failed(fresh(folder, fmt, rows)) == set()


@EXAMPLES
@given(fmt=FORMATS, rows=events(min_size=1), data=st.data())
def test_one_changed_byte_is_found(folder, fmt, rows, data):
    path = fresh(folder, fmt, rows)
    content = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(content) - 1))
    content[place] ^= data.draw(st.integers(1, 255))
    path.write_bytes(content)
    assert "sha256" in failed(path)


@EXAMPLES
@given(fmt=FORMATS, rows=events(min_size=1), data=st.data())
def test_a_dropped_row_is_counted(folder, fmt, rows, data):
    path = fresh(folder, fmt, rows)
    header, parts = rows_of(fmt, rows)
    del parts[data.draw(st.integers(0, len(parts) - 1))]
    path.write_bytes(header + b"".join(parts))
    assert {"size", "sha256", "count"} <= failed(path)


@EXAMPLES
@given(fmt=FORMATS, rows=events(min_size=1), data=st.data())
def test_a_doubled_row_is_counted_as_repeated(folder, fmt, rows, data):
    path = fresh(folder, fmt, rows)
    header, parts = rows_of(fmt, rows)
    place = data.draw(st.integers(0, len(parts) - 1))
    parts.insert(place, parts[place])
    path.write_bytes(header + b"".join(parts))
    assert {"size", "sha256", "count", "repeated"} <= failed(path)


@EXAMPLES
@given(fmt=FORMATS, rows=events(min_size=2), data=st.data())
def test_swapped_rows_are_out_of_order(folder, fmt, rows, data):
    path = fresh(folder, fmt, rows)
    header, parts = rows_of(fmt, rows)
    one, other = data.draw(st.lists(st.integers(0, len(parts) - 1), min_size=2, max_size=2, unique=True))
    parts[one], parts[other] = parts[other], parts[one]
    path.write_bytes(header + b"".join(parts))
    assert {"sha256", "order"} <= failed(path)
    assert "count" not in failed(path)


@EXAMPLES
@given(fmt=FORMATS, rows=events(min_size=1), data=st.data())
def test_one_changed_byte_of_the_manifest_is_found(folder, fmt, rows, data):
    path = fresh(folder, fmt, rows)
    place = path.with_name("q1.manifest.json")
    content = bytearray(place.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    place.write_bytes(content)
    try:
        failures = failed(path)
    except EvidenceError:
        return  # so damaged that it is no manifest any more: told in one line
    assert "checksums" in failures


CLAIMS: dict[str, tuple[Callable[[Any], None], str]] = {
    "one event fewer": (lambda manifest: manifest.update(count=manifest["count"] - 1), "count"),
    "one repeat more": (lambda manifest: manifest.update(repeated=1), "repeated"),
    "another first time": (lambda manifest: manifest.update(first="2026-01-01T00:00:00.999Z"), "span"),
    "another last time": (lambda manifest: manifest.update(last="2026-01-09T00:00:00.000Z"), "span"),
    "a later from": (
        lambda manifest: manifest["filter"].update({"from": "2026-01-02T00:00:00.000Z"}),
        "filter",
    ),
    "a user": (lambda manifest: manifest["filter"].update(users=["nobody else"]), "filter"),
    "another action": (lambda manifest: manifest["filter"].update(actions=["group_created"]), "filter"),
    "another product": (lambda manifest: manifest["filter"].update(products=["confluence"]), "filter"),
    "a wider interval": (
        lambda manifest: manifest["filter"].update(to="2027-01-01T00:00:00.000Z"),
        "checksums",
    ),
    "no product": (lambda manifest: manifest["filter"].update(products=[]), "checksums"),
    "another creation time": (
        lambda manifest: manifest.update(created="2026-03-02T00:00:00.000Z"),
        "checksums",
    ),
    "a hidden gap": (lambda manifest: manifest.update(gaps=["none"]), "checksums"),
    "other coverage": (lambda manifest: manifest.update(coverage={}), "checksums"),
    "another cluster": (lambda manifest: manifest["store"].update(cluster_uuid="d"), "checksums"),
    "another tool": (lambda manifest: manifest["tool"].update(version="9"), "checksums"),
    "another size": (lambda manifest: manifest["file"].update(bytes=1), "size"),
    "another digest": (lambda manifest: manifest["file"].update(sha256="0" * 64), "sha256"),
    "another name": (lambda manifest: manifest["file"].update(name="q2"), "name"),
}


@pytest.mark.parametrize("claim", CLAIMS)
@pytest.mark.parametrize("fmt", list(ExportFormat))
def test_a_changed_claim_fails_the_check_of_that_claim(tmp_path, fmt, claim):
    path = tmp_path / "q1"
    make_export(path, fmt, [sample_event(number) for number in range(9)])
    place = tmp_path / "q1.manifest.json"
    manifest = json.loads(place.read_bytes())
    change, check = CLAIMS[claim]
    change(manifest)
    place.write_bytes(canonical_bytes(manifest) + b"\n")
    assert check in failed(path)
    assert "checksums" in failed(path)


def test_other_columns_and_another_events_digest_are_found(tmp_path):
    for fmt, key, check in (
        (ExportFormat.CSV, "columns", "columns"),
        (ExportFormat.JSONL, "events_sha256", "events_sha256"),
    ):
        path = tmp_path / fmt
        make_export(path, fmt, [sample_event(1)])
        place = tmp_path / f"{fmt}.manifest.json"
        manifest = json.loads(place.read_bytes())
        if key == "columns":
            manifest["file"]["columns"].reverse()
        else:
            manifest[key] = "0" * 64
        place.write_bytes(canonical_bytes(manifest) + b"\n")
        assert check in failed(path)


@EXAMPLES
@given(fmt=FORMATS, rows=events(min_size=1), data=st.data())
def test_a_row_that_the_filter_excludes_is_named(folder, fmt, rows, data):
    place = data.draw(st.integers(0, len(rows) - 1))
    rows[place]["atlassian"]["product"] = "confluence"
    path = folder / "q1"
    make_export(path, fmt, rows, JANUARY, force=True)
    failures = {check.name: check.detail for check in verify(path).failed}
    assert failures == {"filter": f"row {place + 1} is outside the filter by atlassian.product"}


@EXAMPLES
@given(fmt=FORMATS, rows=events(), name=NAMES)
def test_an_export_of_one_person_never_raises_an_alarm(folder, fmt, rows, name):
    for row in rows:
        row["user"]["full_name"] = f"x{name}"
    one = ExportFilter(View.PERMISSIONS, JANUARY.from_ms, JANUARY.to_ms, users=(f"x{name}",))
    path = folder / "q1"
    make_export(path, fmt, rows, one, force=True)
    assert failed(path) == set()
