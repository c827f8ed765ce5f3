"""Where bursts cross a threshold, and what makes two alerts one."""

from __future__ import annotations

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.detections.finding import Finding, Seen, alert_document, crossings, headline
from atlaslens_forwarder.detections.rule import Threshold

RULE = load_catalogue().rules["many-permission-changes"]
THREE = Threshold(3, ("user.id",), 10_000)


def seen(*times, user="712020:ada"):
    return [Seen(f"e{number}", at_ms, {"user": {"id": user}}) for number, at_ms in enumerate(times)]


def crossed(when, events):
    return [event.id for event, _ in crossings(when, events)]


def test_one_burst_crosses_once_however_long_it_is():
    assert crossed(THREE, seen(*range(0, 50_000, 1_000))) == ["e2"]


def test_another_burst_crosses_again():
    assert crossed(THREE, seen(0, 1, 2, 60_000, 60_001, 60_002)) == ["e2", "e5"]


def test_the_timespan_is_open_at_its_beginning():
    assert crossed(THREE, seen(0, 5_000, 10_000)) == []
    assert crossed(THREE, seen(0, 5_000, 9_999)) == ["e2"]


def test_values_are_counted_once_each():
    when = Threshold(2, ("source.ip",), 10_000, "user.id")
    same = seen(0, 1, 2)

    assert crossed(when, same) == []
    assert crossed(when, [*same, *[Seen("x", 3, {"user": {"id": "712020:eve"}})]]) == ["x"]


def test_the_id_depends_on_rule_group_and_event_only():
    events = seen(1, 2, 3)

    one = Finding(RULE, events[2], tuple(events), ("712020:ada",))
    other = Finding(RULE, events[2], tuple(events[1:]), ("712020:ada",))

    assert one.id == other.id
    assert one.id != Finding(RULE, events[2], tuple(events), ("712020:eve",)).id
    assert one.id != Finding(RULE, events[1], tuple(events), ("712020:ada",)).id


def test_an_alert_tells_who_and_what_and_no_address():
    source = {
        "event": {"id": "e", "action": "space_permission_added", "original": '{"mail":"x"}'},
        "user": {"id": "712020:ada", "full_name": "Ada Example", "email_blind": "k:1"},
        "atlassian": {"object": {"name": "Engineering"}, "change_summary": ["Type: (none) → ADMIN"]},
    }
    event = Seen("e", 1_795_420_800_000, source)

    alert = alert_document(Finding(RULE, event, (event,) * 60), 1_795_420_800_000, deliver=True)

    assert alert["alert"]["count"] == 60
    assert len(alert["alert"]["events"]) == 50
    assert alert["delivery"]["state"] == "pending"
    assert "email" not in str(alert)
    assert "original" not in str(alert)
    assert headline(alert) == (
        "[high] Many permission changes in minutes · Ada Example: space_permission_added"
        " · Engineering (60 events)"
    )
