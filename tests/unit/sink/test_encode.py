"""The bulk body: exact lines, both limits kept, and the caller's documents untouched."""

from __future__ import annotations

import copy
import json

import pytest

from atlaslens_forwarder.sink.encode import BulkItem, batches, encode_item

AT = "2026-01-02T03:04:05.678Z"


def item(number, **fields):
    return BulkItem("atlaslens-audit-2026.01", f"id-{number}", {"event": {"hash": "k:1"}, **fields})


def pack(items, **limits):
    refused = []
    made = list(
        batches(
            items,
            range(len(items)),
            ingested=lambda: AT,
            unencodable=lambda position, error: refused.append((position, str(error))),
            **{"max_bytes": 10_000, "max_docs": 100} | limits,
        )
    )
    return made, refused


def test_an_item_is_a_create_line_and_a_document_line():
    line = encode_item(BulkItem("i", 'a"ü', {"event": {"id": "x"}, "message": "ß\n"}), AT)

    action, document, rest = line.decode().split("\n")

    assert json.loads(action) == {"create": {"_index": "i", "_id": 'a"ü'}}
    assert json.loads(document) == {"event": {"id": "x", "ingested": AT}, "message": "ß\n"}
    assert rest == ""


def test_the_callers_document_is_not_changed():
    one = item(1, nested={"a": [1]})
    before = copy.deepcopy(one.doc)

    encode_item(one, AT)

    assert one.doc == before


def test_a_batch_keeps_the_byte_limit_and_loses_nothing():
    items = [item(number, message="x" * number) for number in range(60)]

    made, _ = pack(items, max_bytes=500)

    assert len(made) > 1
    assert all(len(batch.body) <= 500 for batch in made)
    assert [position for batch in made for position in batch.positions] == list(range(60))
    assert b"".join(batch.body for batch in made) == b"".join(encode_item(one, AT) for one in items)


def test_a_batch_keeps_the_count_limit():
    made, _ = pack([item(number) for number in range(7)], max_docs=3)

    assert [len(batch.positions) for batch in made] == [3, 3, 1]


def test_a_document_above_the_byte_limit_goes_alone():
    made, _ = pack([item(0), item(1, message="x" * 1000), item(2)], max_bytes=500)

    assert [batch.positions for batch in made] == [[0], [1], [2]]


def test_nothing_gives_no_batch():
    assert pack([]) == ([], [])


@pytest.mark.parametrize(
    "bad",
    [
        item(1, message="\ud800"),
        item(1, size=float("nan")),
        BulkItem("i", "", {}),
        BulkItem("i", "ü" * 257, {}),
    ],
)
def test_what_cannot_be_sent_is_left_out_and_told(bad):
    made, refused = pack([item(0), bad, item(2)])

    assert [batch.positions for batch in made] == [[0, 2]]
    assert [position for position, _ in refused] == [1]


def test_an_id_of_exactly_512_bytes_is_sent():
    made, refused = pack([BulkItem("i", "ü" * 256, {})])

    assert len(made) == 1
    assert refused == []


def test_a_document_nested_beyond_reason_is_left_out():
    deep = {}
    for _ in range(100_000):
        deep = {"a": deep}

    _, refused = pack([item(0, deep=deep)])

    assert refused == [(0, "nested too deeply")]
