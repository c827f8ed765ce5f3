"""Every source has a page of its own and a row in the list, and no other has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.sources.registry import SOURCES

DOCS = Path(__file__).resolve().parents[3] / "docs"
ROW = re.compile(
    r"^\| \[`([a-z-]+)`\]\(sources/([a-z-]+)\.md\) \| [^|]+ \| ([a-z, –]+) \| ([a-z, ]+) \|$", re.MULTILINE
)


def rows():
    """Pipeline and credential of each source in the list."""
    found = ROW.findall((DOCS / "sources.md").read_text(encoding="utf-8"))
    assert all(name == page for name, page, _, _ in found)
    return {name: (pipeline, credential) for name, _, pipeline, credential in found}


def test_the_list_has_every_source_and_no_other():
    assert rows().keys() == {*SOURCES, PEOPLE}


def test_the_pages_are_those_of_the_list():
    assert {path.stem for path in (DOCS / "sources").glob("*.md")} == rows().keys()


@pytest.mark.parametrize("name", SOURCES)
def test_a_source_is_listed_with_its_pipeline_and_credential(name):
    spec = SOURCES[name]

    assert spec.pipeline.value in rows()[name][0].split(", ")
    assert rows()[name][1] == spec.service.value


@pytest.mark.parametrize("name", SOURCES)
def test_a_page_says_what_is_needed_and_what_cannot_be_seen(name):
    text = (DOCS / "sources" / f"{name}.md").read_text(encoding="utf-8")

    assert text.startswith(f"# {name}\n")
    for topic in ("| endpoint", "| permission", "| scopes", "| delay", "| identity", "cannot see"):
        assert topic in text.casefold(), topic
