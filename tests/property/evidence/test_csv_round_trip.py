"""Whatever stands in a cell comes back, and nothing that a spreadsheet could run gets out."""

from __future__ import annotations

import csv
import io

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.evidence.csv_text import decode_record, encode_record

TEXT = st.text(st.characters(codec="utf-8") | st.sampled_from("'=+-@\t\r\n\",;"), max_size=20)
RECORD = st.lists(TEXT, min_size=1, max_size=6)


@settings(max_examples=300, deadline=None)
@given(RECORD)
def test_cells_come_back(cells):
    assert decode_record(encode_record(cells)) == cells


@settings(max_examples=300, deadline=None)
@given(RECORD)
def test_another_reader_sees_safe_cells_that_undo_to_the_same(cells):
    text = encode_record(cells).decode()
    rows = list(csv.reader(io.StringIO(text, newline="")))
    shown = rows[0] if rows and rows[0] else [""]
    assert [cell.removeprefix("'") for cell in shown] == cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in shown)
