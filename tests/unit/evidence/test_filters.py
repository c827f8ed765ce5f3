"""The filter of an export: query, offline match and manifest agree."""

from __future__ import annotations

from functools import partial

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.fields import texts_at
from atlaslens_forwarder.evidence.filters import ExportFilter, Known, View, make_filter
from tests.unit.evidence.made_exports import JANUARY, JANUARY_MS, sample_event

INTERVAL = {"view": "security", "from_text": "2026-01-01", "to_text": "2026-01-31"}


def mismatch(export_filter: ExportFilter, event, at_ms: int = JANUARY_MS) -> str:
    return export_filter.first_mismatch(at_ms, partial(texts_at, event))


def test_from_is_included_and_to_is_not():
    event = sample_event(0)
    assert mismatch(JANUARY, event, JANUARY.from_ms) == ""
    assert mismatch(JANUARY, event, JANUARY.to_ms - 1) == ""
    assert mismatch(JANUARY, event, JANUARY.to_ms) == "@timestamp"
    assert mismatch(JANUARY, event, JANUARY.from_ms - 1) == "@timestamp"


@pytest.mark.parametrize("user", ["557058:a", "Zoë Ærø", "557058:b"])
def test_a_user_is_found_as_actor_by_id_or_name_and_as_target(user):
    assert mismatch(make_filter(**INTERVAL, users=[user, "somebody else"]), sample_event(0)) == ""


@pytest.mark.parametrize(
    ("narrowing", "field"),
    [
        ({"users": ["zoë ærø"]}, "user.id"),
        ({"actions": ["user_removed_from_group"]}, "event.action"),
        ({"products": ["confluence"]}, "atlassian.product"),
        ({"sites": ["other"]}, "atlassian.site"),
        ({"sensitivities": ["high"]}, "atlassian.sensitivity"),
        ({"objects": ["PAY"]}, "atlassian.object.id"),
        ({"ips": ["192.0.2.1"]}, "source.ip"),
    ],
)
def test_an_event_outside_is_told_by_field(narrowing, field):
    assert mismatch(make_filter(**INTERVAL, **narrowing), sample_event(0)).startswith(field)


def test_the_permissions_view_holds_permission_changes_only():
    event = sample_event(0)
    view = make_filter(**{**INTERVAL, "view": "permissions"})
    assert mismatch(view, event) == ""
    event["atlassian"]["permission_change"] = False
    assert mismatch(view, event) == "atlassian.permission_change"


def test_each_pipeline_has_views_of_its_own_and_the_timeline_holds_both():
    held = {
        pipeline: {view for view in View if not mismatch(make_filter(**{**INTERVAL, "view": view}), event)}
        for pipeline, event in (("audit", sample_event(0)), ("activity", of_activity(sample_event(0))))
    }
    assert held == {
        "audit": {View.SECURITY, View.PERMISSIONS, View.OVERVIEW, View.TIMELINE},
        "activity": {View.ACTIVITY, View.PRODUCTIVITY, View.OVERVIEW, View.TIMELINE},
    }


def test_work_items_and_the_ledger_have_views_of_their_own():
    item = sample_event(0)
    item["atlassian"]["work_item"] = {"id": "10001"}
    window = {"@timestamp": item["@timestamp"], "window": {"id": "acme:jira-audit:0000000001"}}
    held = [
        {view for view in View if not mismatch(make_filter(**{**INTERVAL, "view": view}), event)}
        for event in (item, window)
    ]
    assert View.WORK_ITEMS in held[0]
    assert View.SYNC_HEALTH not in held[0]
    assert held[1] == {View.OVERVIEW, View.TIMELINE, View.SYNC_HEALTH}


def test_permission_changes_narrow_any_view():
    event = of_activity(sample_event(0))
    assert mismatch(make_filter(**{**INTERVAL, "view": "activity"}, permission_changes=True), event) == ""
    event["atlassian"]["permission_change"] = False
    narrowed = make_filter(**{**INTERVAL, "view": "activity"}, permission_changes=True)
    assert mismatch(narrowed, event) == "atlassian.permission_change"


@pytest.mark.parametrize("name", ["PAY-1", "Payments", "10001"])
def test_an_object_is_found_by_any_of_its_names_and_by_what_holds_it(name):
    event = sample_event(0)
    event["atlassian"]["object"] = {"id": "10001", "key": "PAY-1", "container": "Payments"}
    assert mismatch(make_filter(**INTERVAL, objects=[name]), event) == ""


def test_an_address_is_found_in_any_of_its_forms():
    event = {**sample_event(0), "source": {"ip": "2001:DB8:0::1"}}
    assert mismatch(make_filter(**INTERVAL, ips=["2001:db8::0:1"]), event) == ""


def of_activity(event):
    event["atlassian"]["pipeline"] = "activity"
    return event


def test_a_filter_survives_its_manifest():
    full = make_filter(**INTERVAL, users=["b", "a", "b"], actions=["x"], ips=["::1"], permission_changes=True)
    assert full.users == ("a", "b")
    assert ExportFilter.from_manifest(full.to_manifest()) == full


@pytest.mark.parametrize(
    "change",
    [
        {"view": "everything"},
        {"from": "2026-01-01"},
        {"from": 5},
        {"to": "2026-01-01T00:00:00.000Z"},
        {"users": "a"},
        {"users": [1]},
        {"permission_changes": 1},
        {"users": ["b", "a"]},
        {"extra": 1},
    ],
)
def test_a_filter_in_any_other_form_is_refused(change):
    with pytest.raises(ValueError, match="filter"):
        ExportFilter.from_manifest({**make_filter(**INTERVAL).to_manifest(), **change})


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"view": "securty"}, "did you mean security?"),
        ({"to_text": "2025-12-31"}, "--from is not before --to"),
        ({"users": [" "]}, "--user is empty"),
        ({"users": ["\udcff"]}, "--user is not valid UTF-8"),
        ({"products": ["jria"]}, "did you mean jira?"),
        ({"ips": ["192.0.2"]}, "--ip is not an IP address"),
        ({"sensitivities": ["hihg"]}, "did you mean high?"),
        ({"view": "sync-health", "users": ["a"]}, "holds windows, not events"),
        ({"actions": ["user_aded_to_group"]}, "did you mean user_added_to_group?"),
    ],
)
def test_a_mistyped_option_is_told_with_the_way_out(change, said):
    known = {"known": Known(products=["jira", "confluence"], actions=["user_added_to_group"])}
    with pytest.raises(ConfigError) as caught:
        make_filter(**{**INTERVAL, **known, **change})
    assert said in caught.value.one_line()
