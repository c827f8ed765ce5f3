"""Every sample of every rule, with the real queries on a real OpenSearch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.samples import read_samples
from atlaslens_forwarder.service.alerts.trial import try_samples
from tests.integration.rig import NOW_MS

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

CATALOGUE = load_catalogue()
WRONG = """
positive:
  - {name: nothing of the kind, events: [{event.action: project_created}]}
negative:
  - {name: the very thing, events: [{event.action: project_deleted}]}
"""


async def indices(client: AsyncOpenSearch) -> list[str]:
    rows = await client.cat.indices(index="atlaslens-samples-*", params={"format": "json", "h": "index"})
    return [row["index"] for row in rows]


async def test_every_sample_of_every_rule_is_as_it_must_be(clean_store):
    trials = await try_samples(clean_store, CATALOGUE, CATALOGUE.named(()), NOW_MS)

    assert {trial.sample.rule for trial in trials} == CATALOGUE.rules.keys()
    assert [(each.sample.rule, each.sample.name, each.alerts) for each in trials if not each.ok] == []
    assert await indices(clean_store) == []


async def test_a_sample_that_goes_wrong_is_told(clean_store):
    samples = read_samples("alerting/samples/project-or-space-deleted.yml", WRONG, CATALOGUE.words)
    wrong = type(CATALOGUE)(CATALOGUE.rules, tuple(samples), CATALOGUE.words)

    trials = await try_samples(clean_store, wrong, CATALOGUE.named(("project-or-space-deleted",)), NOW_MS)

    assert [trial.ok for trial in trials] == [False, False]
    assert await indices(clean_store) == []
