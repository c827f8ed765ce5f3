"""CSV records: readable by any RFC 4180 reader, safe in a spreadsheet."""

from __future__ import annotations

import csv
import io

import pytest

from atlaslens_forwarder.evidence.columns import COLUMNS, cells_of
from atlaslens_forwarder.evidence.csv_text import decode_record, encode_record, guard, unguard
from tests.unit.evidence.made_exports import sample_event


@pytest.mark.parametrize("start", ["'", "=", "+", "-", "@", "\t", "\r", "\n"])
def test_a_cell_that_could_run_gets_a_quote_and_loses_only_that(start):
    assert guard(f"{start}1+1") == f"'{start}1+1"
    assert unguard(guard(f"{start}1+1")) == f"{start}1+1"


def test_a_cell_that_begins_with_a_quote_keeps_it():
    assert decode_record(b"''a\r\n") == ["'a"]


def test_other_cells_stay_as_they_are():
    assert guard("a=1") == "a=1"
    assert guard("") == ""


def test_another_csv_reader_sees_the_same_cells():
    cells = cells_of(sample_event(1))
    row = next(csv.reader(io.StringIO(encode_record(cells).decode(), newline="")))
    assert [cell.removeprefix("'") for cell in row] == cells


@pytest.mark.parametrize(
    "record",
    [
        b"a,b\n",
        b"a,b",
        b"a,b\r\nc\r\n",
        b'a,"b\r\n',
        b'"a",b\r\n',
        b'a"b\r\n',
        b"=1\r\n",
        b"\xff\r\n",
        b"",
    ],
)
def test_a_record_in_any_other_form_is_refused(record):
    with pytest.raises(ValueError, match=r"RFC 4180|quoted or guarded|UTF-8"):
        decode_record(record)


def test_several_values_share_a_cell_and_absent_ones_leave_it_empty():
    cells = dict(zip(COLUMNS, cells_of(sample_event(1)), strict=True))
    assert cells["event.category"] == "iam; configuration"
    assert cells["atlassian.permission_change"] == "true"
    assert cells["user.target.id"] == "557058:b"
    assert cells["group.id"] == ""
