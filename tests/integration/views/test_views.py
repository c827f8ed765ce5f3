"""Every panel and every saved search, on a small world of all products."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from statistics import median

import pytest

from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.normalise.confluence_content import OBJECT_TYPES
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.service.view_file import write_all_views
from atlaslens_forwarder.simulator.apis.organisation.part import TRUTH as ORGANISATION
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.model import OBEYS, Calc, Filter, Index, MetricPanel, TextPanel, ToldPanel
from atlaslens_forwarder.views.queries import search_of, search_of_saved
from atlaslens_forwarder.views.render.page import page
from atlaslens_forwarder.views.shown import Columns, Figure, Grid, Shares, Table
from atlaslens_forwarder.views.unusual import NO_PERSON
from tests.integration.sources.bitbucket import COMMITS, PULLS
from tests.integration.sources.content import CONTENT
from tests.integration.views.oracle import fitting, texts
from tests.integration.views.world import NOW_MS, SOME_TIME, fill, panels_of
from tests.unit.views.checked_page import check_page

SEARCHED = [panel for view in VIEWS for panel in view.panels if not isinstance(panel, TextPanel | ToldPanel)]
SAVED = [search for view in VIEWS for search in view.searches]
EMPTYING = {
    Filter.TIME: replace(SOME_TIME, from_ms=0, to_ms=DAY_MS),
    Filter.PRODUCT: replace(SOME_TIME, products=("no such product",)),
    Filter.PERSON: replace(SOME_TIME, people=("nobody",)),
    Filter.GROUP: replace(SOME_TIME, groups=("a group without members",)),
    Filter.ACTION: replace(SOME_TIME, actions=("no such action",)),
    Filter.OBJECT: replace(SOME_TIME, objects=("no such object",)),
}
QUIET_HERE = {
    "search-derived", "search-late", "search-unclassified", "search-quarantine", "search-failed-windows",
    "search-auditing", "search-apps-and-tokens", "search-exports",
}  # fmt: skip
"""What need not happen in a small world."""


async def ask(world, index, body):
    """The answer, which must be whole."""
    answer = await world.client.search(index=index.pattern, body=body)
    assert not answer["timed_out"]
    assert not answer["_shards"]["failed"], answer["_shards"]
    return answer


async def all_docs(world, index):
    """Every document of an index that lies in the usual time."""
    await world.client.indices.refresh(index="atlaslens-*")
    span = {"gte": SOME_TIME.from_ms, "lt": SOME_TIME.to_ms, "format": "epoch_millis"}
    body = {"size": 10_000, "query": {"range": {"@timestamp": span}}}
    return [hit["_source"] for hit in (await ask(world, index, body))["hits"]["hits"]]


async def test_each_panel_counts_what_is_stored(world):
    docs = {index: await all_docs(world, index) for index in Index}
    assert len(docs[Index.EVENTS]) > 400
    for panel in SEARCHED:
        answer = await ask(world, panel.index, search_of(panel, SOME_TIME))
        expected = fitting(panel.where, docs[panel.index])
        assert answer["hits"]["total"]["value"] == len(expected), panel.id
        assert expected or panel.index is Index.QUARANTINE or "fail" in panel.id, panel.id
        if isinstance(panel, MetricPanel) and panel.metric.calc is Calc.DISTINCT:
            values = {text for doc in expected for text in texts(doc, panel.metric.field)}
            assert answer["aggregations"]["m0"]["value"] == len(values), panel.id


async def test_each_saved_search_finds_what_is_stored(world):
    docs = {index: await all_docs(world, index) for index in Index}
    for search in SAVED:
        answer = await ask(world, search.index, search_of_saved(search, SOME_TIME))
        found = answer["hits"]["total"]["value"]
        assert found == len(fitting(search.where, docs[search.index])), search.id
        assert found or search.id in QUIET_HERE, search.id


async def test_numbers_equal_the_truth_of_the_site(world):
    def true(source, *actions, kinds=()):
        return sum(
            1
            for row in world.simulator.truth(source)
            if row.at_ms <= world.clock() - MINUTE_MS
            and row.row.get("gone_at_ms") is None
            and (not actions or row.row["action"] in actions)
            and (not kinds or row.row["kind"] in kinds)
        )

    _, shown = await fill(world, names=("overview", "productivity"))
    numbers = {
        name: each.content.value
        for name, each in panels_of(shown).items()
        if "-" in name and isinstance(each.content, Figure)
    }

    audits = true("jira-audit") + true("confluence-audit") + true(ORGANISATION)
    assert numbers["overview-audit"] == audits
    assert numbers["productivity-commits"] == true(COMMITS)
    assert numbers["productivity-merged"] == true(PULLS, "merged")
    pages = [kind for kind, name in OBJECT_TYPES.items() if name in {"page", "blog_post"}]
    assert numbers["productivity-page-edits"] == true(CONTENT, "created", "updated", kinds=pages)
    assert numbers["overview-total"] == numbers["overview-audit"] + numbers["overview-activity"]


async def test_every_panel_and_search_obeys_every_filter_its_index_can_obey(world):
    for each, make in [(panel, search_of) for panel in SEARCHED] + [(one, search_of_saved) for one in SAVED]:
        all_of_it = (await ask(world, each.index, make(each, SOME_TIME)))["hits"]["total"]["value"]
        for name, filters in EMPTYING.items():
            found = (await ask(world, each.index, make(each, filters)))["hits"]["total"]["value"]
            assert found == (0 if name in OBEYS[each.index] else all_of_it), (each.id, name)


@pytest.mark.parametrize("product", ["jira", "jsm", "confluence", "bitbucket", "organisation"])
async def test_a_product_is_told_alone(world, product):
    _, shown = await fill(world, replace(SOME_TIME, products=(product,)), names=("overview",))
    panels = panels_of(shown)
    assert [cell.text for cell, _ in panels["overview-by-product"].content.rows] == [product]


async def test_parts_of_a_chart_add_up_to_the_number_above_it(world):
    _, shown = await fill(world)
    panels = panels_of(shown)
    for number, charts in {
        "overview-total": ("overview-by-day", "overview-by-product", "overview-by-action", "overview-when"),
        "security-permissions": ("security-permissions-by-day", "security-by-action"),
        "work-items-changes": ("work-items-by-day", "work-items-by-action"),
        "work-items-total": ("work-items-by-type",),
    }.items():
        for chart in charts:
            total = sum_of(panels[chart].content)
            assert total == panels[number].content.value, (number, chart)
    rows = panels["sync-health-rates"].content.rows
    assert sum(row[3].number for row in rows) == panels["sync-health-stored"].content.value


def sum_of(content):
    """All values of a chart."""
    match content:
        case Columns() | Grid():
            return sum(sum(values) for values in content.values)
        case Shares():
            return sum(value for _, value in content.rows) + content.others
    raise TypeError(content)


async def test_cycle_time_is_that_of_merged_pull_requests(world):
    _, shown = await fill(world, names=("productivity",))
    durations = [
        int(doc["event"]["duration"])
        for doc in await all_docs(world, Index.EVENTS)
        if doc["event"]["action"] == "pull_request_merged" and "duration" in doc["event"]
    ]
    told = panels_of(shown)["productivity-cycle"].content.value
    assert told == pytest.approx(median(durations), rel=0.05)


async def test_a_timeline_is_one_person_s_stream_with_what_is_new(world):
    docs = await all_docs(world, Index.EVENTS)
    busiest = Counter(doc["user"]["id"] for doc in docs if "id" in doc.get("user", {})).most_common(1)[0][0]
    _, shown = await fill(world, names=("timeline",))
    assert [each.panel.id for each in shown[0].panels] == ["timeline-unusual"]

    late = replace(SOME_TIME, from_ms=NOW_MS - 30 * DAY_MS, people=(busiest,))
    _, shown = await fill(world, late, names=("timeline",))

    panels = panels_of(shown)
    stream = panels["timeline-stream"].content
    times = [row[0].text for row in stream.rows]
    assert times == sorted(times)
    assert len(times) == panels["timeline-total"].content.value > 0
    unusual = panels["timeline-unusual"].content
    assert isinstance(unusual, Table), unusual
    mine = [doc for doc in docs if doc.get("user", {}).get("id") == busiest]
    before = {doc["event"]["action"] for doc in mine if parse_iso_ms(doc["@timestamp"]) < late.from_ms}
    now = {doc["event"]["action"] for doc in mine if parse_iso_ms(doc["@timestamp"]) >= late.from_ms}
    first = {row[2].text for row in unusual.rows if row[1].text == "first-time action"}
    assert first == {action.replace("_", " ") for action in now - before}


async def test_the_page_of_this_world_is_whole(world):
    facts, shown = await fill(world, asked=[("product", '<b>&"all"</b>')])
    check_page(page(facts, shown))


async def test_all_views_are_written_with_somebody_s_timeline(world, tmp_path):
    file = tmp_path / "views.html"
    async with open_store(world.settings, world.clock) as store:
        await write_all_views(store, file, SOME_TIME, retention_days=365, clock=world.clock)
    text = file.read_text(encoding="utf-8")
    assert {panel.id for view in VIEWS for panel in view.panels} <= {*check_page(text).ids}
    assert "the busiest, in the last 30 days" in text
    assert NO_PERSON.text not in text


async def test_what_was_not_read_is_called_not_collected_instead_of_zero(world):
    before_all = replace(SOME_TIME, from_ms=NOW_MS - 900 * DAY_MS, to_ms=NOW_MS - 800 * DAY_MS)
    _, shown = await fill(world, before_all)
    panels = panels_of(shown)
    assert panels["productivity-commits"].missing.startswith("Not collected: nothing was read of bitbucket")
    assert panels["productivity-commits"].content is None
    for view in shown:
        for each in view.panels:
            assert each.content is not None or each.missing, each.panel.id
