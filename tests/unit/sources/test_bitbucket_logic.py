"""What is remembered of branches, which deeds a pull request states, and how deep a walk must go."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS
from atlaslens_forwarder.sources.bitbucket_commits.heads import MOST_OLDER, Heads
from atlaslens_forwarder.sources.bitbucket_pullrequests.deeds import closing_of, deeds_of, times_of
from atlaslens_forwarder.sources.bitbucket_pullrequests.walk import Descent
from tests.unit.normalise.bitbucket_rows import REPOSITORY, comment, pull, update, user


def entry(kind, **content):
    return {"pull_request": {"id": 7}, kind: content}


OPENING = entry("update", date="2026-01-02T10:00:00.130000+00:00", author=user("ada"), state="OPEN")
CLOSING = {"update": update()}


def told(found):
    return [row.data["deed"] for row in found.rows]


def test_heads_remember_what_was_there_before():
    first = Heads().moved_to({"b", "a"})
    assert first == Heads(("a", "b"), ())
    second = first.moved_to({"c", "a"})
    assert second == Heads(("a", "c"), ("b",))
    assert Heads.of(second.as_json()) == second
    assert second.moved_to({"b"}) == Heads(("b",), ("a", "c"))


def test_heads_do_not_grow_for_ever():
    heads = Heads()
    for number in range(100):
        heads = heads.moved_to({str(number)})
    assert len(heads.older) == MOST_OLDER
    assert heads.older[0] == "98"


@pytest.mark.parametrize("stored", [None, {}, {"heads": "abc", "older": 3}, {"heads": [1, None]}])
def test_what_cannot_be_read_means_that_nothing_is_remembered(stored):
    assert Heads.of(stored) == Heads()


def test_a_merged_pull_request_states_its_opening_and_its_end_once():
    found = deeds_of(REPOSITORY, pull(), [CLOSING, OPENING])
    assert told(found) == ["opened", "closed"]
    assert found.without_event == {"opening_told_twice": 1}
    assert [row.at_ms for row in found.rows] == [1767348000123, 1767434400123]


def test_only_the_first_update_in_a_closed_state_is_the_end():
    later = {"update": update(date="2026-01-04T10:00:00+00:00", changes={"title": {"old": "a", "new": "b"}})}
    assert closing_of([later, CLOSING, OPENING]) is CLOSING["update"]
    assert told(deeds_of(REPOSITORY, pull(), [later, CLOSING])) == ["opened", "update", "closed"]


def test_an_update_soon_after_the_opening_is_an_update():
    push = entry("update", date="2026-01-02T10:00:00.140000+00:00", author=user("ada"), state="OPEN")
    found = deeds_of(REPOSITORY, pull(state="OPEN"), [push, OPENING])
    assert told(found) == ["opened", "update"]
    alone = entry("update", date="2026-01-02T10:05:00+00:00", author=user("ada"), state="OPEN")
    assert told(deeds_of(REPOSITORY, pull(state="OPEN"), [alone])) == ["opened", "update"]


def test_an_end_that_no_entry_tells_is_counted_not_guessed():
    found = deeds_of(REPOSITORY, pull(), [OPENING])
    assert told(found) == ["opened"]
    assert found.without_event["closing_not_told"] == 1


@pytest.mark.parametrize(
    ("changes", "deeds"),
    [
        ({}, ["comment", "comment_edited"]),
        ({"updated_on": "2026-01-02T11:00:00.055384+00:00"}, ["comment"]),  # what Bitbucket itself writes
        ({"updated_on": None}, ["comment"]),
        ({"deleted": True}, ["comment", "comment_deleted"]),
        ({"pending": True}, []),
    ],
)
def test_a_comment_states_what_became_of_it(changes, deeds):
    found = deeds_of(REPOSITORY, pull(state="OPEN"), [{"comment": comment(**changes)}])
    assert told(found)[1:] == deeds
    assert found.without_event.total() == (not deeds)


def test_entries_that_nobody_knows_are_counted():
    found = deeds_of(REPOSITORY, pull(state="OPEN"), [{"task": {}}, {"approval": "x"}, {"not_an_object": 3}])
    assert found.without_event == {"unknown_entry": 3}


def test_an_unreadable_time_makes_a_row_for_quarantine():
    found = deeds_of(REPOSITORY, pull(state="OPEN"), [entry("approval", date="soon", user=user("bo"))])
    assert [row.at_ms for row in found.rows[1:]] == [None]
    assert times_of(entry("approval", date="soon")) == []


def test_a_walk_goes_a_day_beyond_its_window():
    descent = Descent()
    descent.page([100 * DAY_MS, 99 * DAY_MS])
    assert not descent.is_below(98 * DAY_MS)
    assert not descent.is_below(100 * DAY_MS)
    descent.page([98 * DAY_MS, 97 * DAY_MS])
    assert not descent.is_below(99 * DAY_MS)
    assert descent.is_below(99 * DAY_MS + 1)


def test_a_list_that_is_not_newest_first_is_walked_to_its_end():
    descent = Descent()
    descent.page([1 * DAY_MS, 2 * DAY_MS])
    descent.page([3 * DAY_MS])
    assert not descent.is_below(1000 * DAY_MS)


def test_a_little_disorder_is_nothing():
    descent = Descent()
    descent.page([10 * DAY_MS, 9 * DAY_MS, 9 * DAY_MS + 10 * MINUTE_MS])
    assert descent.is_below(20 * DAY_MS)
    descent.page([])
    assert descent.is_below(20 * DAY_MS)
