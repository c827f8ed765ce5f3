"""Typical rows of each product give exactly the documents kept beside this test."""

from __future__ import annotations

import pytest

from tests.unit.normalise.rows import confluence_event, document, golden_cases, jira_event, paths
from tests.unit.normalise.templates import event_fields

CASES = [(name, case) for name in ("jira", "jsm", "confluence") for case in golden_cases(name)]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['title']}" for name, case in CASES])
def test_a_typical_row_gives_its_document(name, case):
    make = confluence_event if name == "confluence" else jira_event
    assert document(make(case["row"], case["identity"])) == case["document"]


@pytest.mark.parametrize(("name", "case"), CASES, ids=[f"{name}: {case['title']}" for name, case in CASES])
def test_every_field_of_a_document_is_mapped(name, case):
    assert paths(case["document"]) <= event_fields().keys()
