"""What is to be done with monitors, from what OpenSearch echoes."""

from __future__ import annotations

import copy

from atlaslens_forwarder.provision.monitors import load_monitors, monitor_items
from atlaslens_forwarder.provision.plan import Action

MONITORS = load_monitors("our-channel")
NAME = "atlaslens-global-permission-granted"


def echoed(**changes):
    """The monitors as OpenSearch gives them back: with what it adds by itself."""
    found = {}
    for number, (name, body) in enumerate(copy.deepcopy(MONITORS).items()):
        body |= {"last_update_time": 1, "schema_version": 8, "user": {"name": "x"}}
        body["inputs"][0]["search"]["query"]["query"]["bool"]["boost"] = 1.0
        found[name] = (f"id-{number}", body | (changes if name == NAME else {}))
    return found


def by_name(found):
    return {item.name: item for item in monitor_items(MONITORS, found)}


def test_without_the_plugin_it_says_who_evaluates_instead():
    (item,) = monitor_items(MONITORS, None)

    assert item.action is Action.UNAVAILABLE
    assert "the forwarder evaluates the rules itself" in item.detail


def test_a_store_without_monitors_gets_all():
    assert {item.action for item in by_name({}).values()} == {Action.CREATE}


def test_what_opensearch_adds_is_no_difference():
    assert {item.action for item in by_name(echoed()).values()} == {Action.UNCHANGED}


def test_a_monitor_that_was_switched_off_stays_so():
    assert by_name(echoed(enabled=False))[NAME].action is Action.UNCHANGED

    item = by_name(echoed(enabled=False, schedule={"period": {"interval": 99, "unit": "MINUTES"}}))[NAME]

    assert item.action is Action.UPDATE
    assert item.diff == ("schedule.period.interval: 99 → 5",)
    assert item.body is not None
    assert item.body["enabled"] is False


def test_another_query_is_a_difference():
    found = echoed()
    query = found[NAME][1]["inputs"][0]["search"]["query"]["query"]["bool"]["filter"]
    query[0] = {"term": {"event.action": {"value": "page_viewed"}}}

    item = by_name(found)[NAME]

    assert item.action is Action.UPDATE
    assert "page_viewed" in item.diff[0]


def test_monitors_of_others_are_left_alone():
    assert by_name(echoed() | {"somebody-else": ("id", {})}).keys() == MONITORS.keys()
