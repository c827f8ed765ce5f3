"""For any documents and limits: batches hold every item once, in order, within the limits, as valid lines."""

from __future__ import annotations

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from atlaslens_forwarder.sink.encode import BulkItem, batches

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
scalar = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | text
value = st.recursive(
    scalar, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3), max_leaves=8
)
documents = st.dictionaries(text, value, max_size=5)
items = st.builds(BulkItem, st.just("atlaslens-audit-2026.01"), text.filter(bool), documents)


@settings(max_examples=200, deadline=None)
@given(st.lists(items, max_size=30), st.integers(1, 2000), st.integers(1, 10))
def test_batches_are_whole_ordered_bounded_and_valid(given_items, max_bytes, max_docs):
    made = list(
        batches(
            given_items,
            range(len(given_items)),
            ingested=lambda: "2026-01-01T00:00:00.000Z",
            max_bytes=max_bytes,
            max_docs=max_docs,
            unencodable=lambda position, error: (_ for _ in ()).throw(AssertionError(position, error)),
        )
    )

    assert [position for batch in made for position in batch.positions] == list(range(len(given_items)))
    for batch in made:
        assert len(batch.positions) <= max_docs
        assert len(batch.body) <= max_bytes or len(batch.positions) == 1
        lines = batch.body.decode().split("\n")
        assert lines.pop() == ""
        assert len(lines) == 2 * len(batch.positions)
        for number, position in enumerate(batch.positions):
            item = given_items[position]
            action, doc = json.loads(lines[2 * number]), json.loads(lines[2 * number + 1])
            assert action == {"create": {"_index": item.index, "_id": item.id}}
            if isinstance(item.doc.get("event"), dict):
                assert doc["event"].pop("ingested") == "2026-01-01T00:00:00.000Z"
                doc["event"] |= {
                    key: item.doc["event"][key] for key in item.doc["event"] if key == "ingested"
                }
            assert doc == item.doc
