"""Only a document's own fault sends it to quarantine; everything else is retried or stops."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.sink.classify import ItemOutcome, classify, classify_request, field_at_fault


@pytest.mark.parametrize(
    ("status", "kind", "reason", "outcome"),
    [
        (201, "", "", ItemOutcome.STORED),
        (409, "version_conflict_engine_exception", "", ItemOutcome.EXISTS),
        (400, "mapper_parsing_exception", "failed to parse", ItemOutcome.REJECTED),
        (400, "strict_dynamic_mapping_exception", "mapping set to strict", ItemOutcome.REJECTED),
        (400, "document_parsing_exception", "", ItemOutcome.REJECTED),
        (400, "x_content_parse_exception", "", ItemOutcome.REJECTED),
        (
            400,
            "illegal_argument_exception",
            "Document contains at least one immense term",
            ItemOutcome.REJECTED,
        ),
        (400, "illegal_argument_exception", "pipeline with id [x] does not exist", ItemOutcome.STOP),
        (400, "illegal_argument_exception", "no write index is defined for alias [x]", ItemOutcome.STOP),
        (400, "invalid_index_name_exception", "", ItemOutcome.STOP),
        (401, "", "", ItemOutcome.STOP),
        (403, "security_exception", "", ItemOutcome.STOP),
        (403, "cluster_block_exception", "", ItemOutcome.STOP),
        (404, "index_not_found_exception", "", ItemOutcome.STOP),
        (413, "", "", ItemOutcome.STOP),
        (429, "rejected_execution_exception", "", ItemOutcome.RETRY),
        (429, "cluster_block_exception", "flood stage", ItemOutcome.RETRY),
        (500, "mapper_parsing_exception", "", ItemOutcome.RETRY),
        (503, "unavailable_shards_exception", "", ItemOutcome.RETRY),
    ],
)
def test_an_item_is_classified_by_whose_fault_it_is(status, kind, reason, outcome):
    assert classify(status, kind, reason) is outcome


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, ItemOutcome.SPLIT),
        (413, ItemOutcome.SPLIT),
        (429, ItemOutcome.RETRY),
        (502, ItemOutcome.RETRY),
        (401, ItemOutcome.STOP),
        (403, ItemOutcome.STOP),
        (404, ItemOutcome.STOP),
    ],
)
def test_a_whole_request_is_split_retried_or_stopped_but_never_rejected(status, outcome):
    assert classify_request(status) is outcome


@pytest.mark.parametrize(
    ("reason", "field"),
    [
        (
            "mapping set to strict, dynamic introduction of [hue] within [atlassian.object] is not allowed",
            "atlassian.object.hue is not mapped",
        ),
        (
            "mapping set to strict, dynamic introduction of [x] within [_doc] is not allowed",
            "x is not mapped",
        ),
        ("dynamic introduction of [a b <mail@example.com>] within [_doc]", "a field is not mapped"),
        (
            "failed to parse field [source.ip] of type [ip] in document with id 'SECRET'. Preview",
            "source.ip (ip)",
        ),
        ('Document contains at least one immense term in field="event.url" (whose', "event.url"),
        ("object mapping for [user] tried to parse field [user] as object", "user"),
        ("failed to parse field [SECRET SECRET] of type [ip]", ""),
        ("SECRET", ""),
    ],
)
def test_the_field_at_fault_is_named_but_never_its_content(reason, field):
    assert field_at_fault(reason) == field
