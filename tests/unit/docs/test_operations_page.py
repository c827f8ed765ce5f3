"""docs/operations.md and docs/sources.md hold the closed vocabularies of the code, both ways."""

from __future__ import annotations

import re
from pathlib import Path

from atlaslens_forwarder import errors
from atlaslens_forwarder.cli.main import INTERRUPTED
from atlaslens_forwarder.cursor.window import Purpose
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.normalise.reasons import RejectReason
from atlaslens_forwarder.pipeline import ingest
from atlaslens_forwarder.service.coverage_statement import HOLE_KINDS
from atlaslens_forwarder.service.custody_log import ACTIONS
from atlaslens_forwarder.sources.needs import ALL_NEEDS

DOCS = Path(__file__).resolve().parents[3] / "docs"


def first_cells(page, heading):
    """The first column of the first table below a heading, without the table's own head."""
    text = (DOCS / page).read_text(encoding="utf-8")
    table = re.search(r"^\|.*?(?=\n\n|\Z)", text.split(f"{heading}\n", 1)[1], flags=re.MULTILINE | re.DOTALL)
    assert table is not None
    rows = table[0].splitlines()[2:]
    return [cell[1] for row in rows if (cell := re.match(r"\| `?([\w-]+)`? \|", row))]


def test_every_status_of_a_source_is_explained():
    explained = first_cells("sources.md", "## Statuses")

    assert sorted(explained) == sorted(SourceStatus)


def test_every_reason_of_quarantine_is_explained():
    explained = set(first_cells("operations.md", "## Quarantine"))

    assert explained == {*RejectReason, ingest.CONFLICT, ingest.NORMALISER_FAILED, "unencodable"}


def test_every_outcome_of_a_replay_is_explained():
    text = (DOCS / "operations.md").read_text(encoding="utf-8")
    table = text.split("| Outcome | Meaning |", 1)[1].split("\n\n", 1)[0]

    outcomes = set(re.findall(r"^\| `([\w-]+)` \|", table, flags=re.MULTILINE))

    assert outcomes == {
        "stored",
        "repeat",
        "not-configured",
        ingest.CONFLICT,
        ingest.EXPIRED,
        ingest.REFUSED,
    }


def test_every_exit_code_is_explained():
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")} | {INTERRUPTED}

    explained = set(first_cells("operations.md", "## Exit codes"))

    assert {int(code) for code in explained} == codes


PRODUCTS = {
    "Jira and JSM audit": ("jira-audit",),
    "Confluence audit": ("confluence-audit",),
    "Jira and JSM work": ("jira-*", "jsm-*"),
    "Confluence content": ("confluence-*",),
    "People": ("people",),
    "Bitbucket": ("bitbucket-*",),
}


def test_every_scope_that_a_source_needs_is_in_the_table_of_tokens():
    text = (DOCS / "operations.md").read_text(encoding="utf-8").split("## Tokens and rights", 1)[1]
    cells = re.findall(r"^\| ([^|]+) \| [^|]+ \| ([^|]+) \|", text, flags=re.MULTILINE)
    told = {product: scopes.replace("`", "").split() for product, scopes in cells if product in PRODUCTS}

    assert told == {
        product: list(dict.fromkeys(scope for name in names for scope in ALL_NEEDS[name].scopes))
        for product, names in PRODUCTS.items()
    }


def test_every_link_to_a_heading_of_a_page_leads_somewhere():
    for target in re.findall(
        r"\]\(([\w.-]*\.md)?#([\w-]+)\)", (DOCS / "operations.md").read_text(encoding="utf-8")
    ):
        page, anchor = target
        text = (DOCS / (page or "operations.md")).read_text(encoding="utf-8")
        headings = re.findall(r"^#+ (.+)$", text, flags=re.MULTILINE)
        assert anchor in {re.sub(r"[^\w -]", "", each).lower().replace(" ", "-") for each in headings}, anchor


def test_every_purpose_of_a_window_is_explained():
    explained = set(first_cells("architecture.md", "## A round"))

    assert explained == set(Purpose)


def test_every_kind_of_hole_is_explained():
    assert first_cells("coverage.md", "## Holes") == [*HOLE_KINDS]


def test_every_action_of_the_custody_log_is_explained():
    text = (DOCS / "custody.md").read_text(encoding="utf-8")
    table = text.split("| Action | Recorded when |", 1)[1].split("\n\n", 1)[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    assert {name for cell in cells for name in re.findall(r"`(\w+)`", cell)} == {*ACTIONS}
