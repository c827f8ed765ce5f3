"""The HTML page: whole, quiet, and honest about what was not read."""

from __future__ import annotations

from atlaslens_forwarder.views.answers import link_of
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.render.page import page
from tests.unit.views.checked_page import check_page
from tests.unit.views.made import NASTY, facts, shown


def test_words_from_outside_never_become_markup():
    found = check_page(page(facts(), shown()))
    assert "b" not in found.tags
    assert "script" not in found.tags
    assert any(NASTY in words for words in found.words)


def test_every_view_and_panel_has_its_place():
    found = check_page(page(facts(), shown()))
    for view in VIEWS:
        assert {view.id, *(panel.id for panel in view.panels)} <= {*found.ids}


def test_the_page_states_filter_store_version_holes_and_gaps_at_its_top():
    text = page(facts(asked=(("product", "jira"),), store="OpenSearch 3", tool_version="9.8"), shown())
    head = text.partition("<main>")[0]
    for told in ("product: jira", "OpenSearch 3, NOT append-only", "9.8", "Not complete", "50.0% read",
                 "Gaps in this time", "have no person"):  # fmt: skip
        assert told in head, told


def test_a_complete_time_is_called_complete():
    complete = {"verdict": "complete", "covered_share": 1.0, "holes": [], "holes_total": 0}
    text = page(
        facts(coverage={"verdict": "complete", "connectors": {"a:jira-audit": complete}}, gaps=()), shown()
    )
    assert "Complete: all" in text
    assert "Gaps in this time" not in text


def test_without_any_source_nothing_is_called_complete():
    text = page(facts(coverage={"verdict": "holes", "connectors": {}}), shown())
    assert "no source was read" in text
    assert "Not complete" in text


def test_empty_panels_say_why():
    found = check_page(page(facts(), shown(lambda _panel: None)))
    words = "\n".join(found.words)
    for view in VIEWS:
        for panel in view.panels:
            assert panel.empty in words


def test_only_addresses_that_a_browser_may_open_become_links():
    assert link_of("https://acme.example/x") == "https://acme.example/x"
    assert not link_of("javascript:alert(1)")
    assert not link_of(" data:text/html,x")
