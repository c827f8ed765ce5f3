"""Which gaps hold after a round: by status, silence, quarantine and first look; and which time is lost."""

from __future__ import annotations

from dataclasses import replace

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.history import Holding, Period
from atlaslens_forwarder.gaps.live import (
    KEPT_LONGER_MS,
    PATIENCE_MS,
    Facts,
    left_out,
    live_gaps,
    lost_time,
    still_lost,
)
from atlaslens_forwarder.gaps.reasons import GAP_TEXTS, GapReason
from atlaslens_forwarder.gaps.silence import Silence
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, MINUTE_MS

NOW_MS = 1_795_420_800_000
YEAR_MS = 365 * DAY_MS
READ = Intervals.of([(NOW_MS - YEAR_MS, NOW_MS - DAY_MS)])
FACTS = Facts(SourceStatus.OK, NOW_MS - HOUR_MS, READ, NOW_MS, YEAR_MS)
ACCESS = ["no-plan", "no-permission", "no-scope", "expired", "unreadable"]


def holding(facts: Facts) -> dict[str, tuple[Holding, ...]]:
    return {reason.value: found for reason, found in live_gaps(facts).items() if found}


def test_a_source_that_was_read_has_no_gap_and_all_are_decided():
    assert holding(FACTS) == {}
    assert set(live_gaps(FACTS)) == set(GapReason) - {GapReason.BEYOND_RETENTION}


@pytest.mark.parametrize("status", ACCESS)
def test_a_refusal_is_a_gap_at_once_from_the_newest_time_read(status):
    facts = replace(FACTS, status=SourceStatus(status), message="refused", status_since_ms=NOW_MS)

    assert holding(facts) == {status: (Holding(NOW_MS - DAY_MS + 1, None, "refused", NOW_MS),)}
    assert GapReason.SILENT not in live_gaps(facts), "a refusal tells nothing of silence"
    assert holding(replace(facts, covered=Intervals()))[status][0].from_ms is None


@pytest.mark.parametrize("status", ["unreachable", "throttled"])
def test_passing_trouble_is_a_gap_only_when_it_lasts_and_tells_nothing_of_access(status):
    young = replace(FACTS, status=SourceStatus(status), status_since_ms=NOW_MS - PATIENCE_MS + 1)
    old = replace(young, status_since_ms=NOW_MS - PATIENCE_MS)

    assert holding(young) == {}
    assert set(holding(old)) == {status}
    assert not {*ACCESS, "silent", "store-failed"} & {reason.value for reason in live_gaps(old)}


def test_a_failed_store_tells_nothing_of_the_source():
    found = live_gaps(replace(FACTS, status=SourceStatus.STORE_FAILED))

    assert found[GapReason.STORE_FAILED]
    assert not {*ACCESS, "unreachable", "throttled", "silent"} & {reason.value for reason in found}


def test_before_any_round_nothing_is_known():
    assert holding(replace(FACTS, status=SourceStatus.NEVER_RUN)) == {}


def test_a_silent_source_lacks_the_time_since_its_last_event():
    facts = replace(FACTS, status=SourceStatus.SILENT, silence=Silence(NOW_MS - 9 * DAY_MS, 2 * DAY_MS))

    ((reason, (found,)),) = holding(facts).items()
    assert (reason, found.from_ms, found.to_ms) == ("silent", NOW_MS - 9 * DAY_MS, None)


def test_the_time_before_the_first_look_is_missing_as_long_as_the_store_could_have_it():
    first_ms = NOW_MS - 30 * DAY_MS
    facts = replace(FACTS, first_looked_ms=first_ms)

    assert holding(facts) == {"before-first-poll": (Holding(None, first_ms - 1),)}
    assert holding(replace(facts, first_looked_ms=NOW_MS - YEAR_MS - KEPT_LONGER_MS)) == {}


def test_rows_in_quarantine_are_a_gap_over_their_time():
    assert holding(replace(FACTS, quarantined=(5, 9))) == {"quarantined": (Holding(5, 9),)}


@pytest.mark.parametrize("reason", [GapReason.SWITCHED_OFF, GapReason.NOT_SET_UP])
def test_a_source_left_out_has_that_gap_and_no_other_of_its_former_life(reason):
    found = left_out(reason, READ)

    assert [each for each, holds in found.items() if holds] == [reason]
    assert found[reason] == (Holding(NOW_MS - DAY_MS + 1, None),)
    assert left_out(reason, Intervals())[reason] == (Holding(None, None),)
    kept = {GapReason.BEYOND_RETENTION, GapReason.BEFORE_FIRST_POLL, GapReason.QUARANTINED}
    assert not kept & set(found), "what is lost or waits does not go away"


def test_only_time_since_the_first_sync_that_the_api_forgot_is_lost():
    covered = Intervals.of([(NOW_MS - 300 * DAY_MS, NOW_MS - 200 * DAY_MS)])
    first_ms = NOW_MS - 210 * DAY_MS

    lost = lost_time(covered, first_ms, NOW_MS, 180 * DAY_MS)

    assert lost.spans == ((NOW_MS - 200 * DAY_MS + 1, NOW_MS - 180 * DAY_MS - 1),)
    assert not lost_time(covered, NOW_MS - 100 * DAY_MS, NOW_MS, 180 * DAY_MS)
    assert not lost_time(READ, first_ms, NOW_MS, 180 * DAY_MS)
    assert lost_time(Intervals(), first_ms, NOW_MS, 180 * DAY_MS).spans[0][0] == first_ms - MINUTE_MS


def test_lost_time_shrinks_to_what_lies_before_the_first_event_that_turned_up():
    start_ms, end_ms = NOW_MS - 100 * DAY_MS, NOW_MS - 80 * DAY_MS
    known = [Period(start_ms, end_ms, NOW_MS)]
    found_ms = NOW_MS - 90 * DAY_MS

    def now(*hours_ms: int) -> list[tuple[int | None, int | None]]:
        hours = [at_ms // HOUR_MS for at_ms in hours_ms]
        return [(h.from_ms, h.to_ms) for h in still_lost(known, Intervals(), hours, NOW_MS, YEAR_MS)]

    assert now() == now(end_ms + HOUR_MS, start_ms - HOUR_MS) == [(start_ms, end_ms)]
    assert now(found_ms, found_ms + DAY_MS) == [(start_ms, found_ms - 1)]
    assert now(start_ms + DAY_MS) == []


def test_lost_time_joins_what_is_known_and_is_let_go_with_the_events_of_its_time():
    known = [Period(10 * DAY_MS, 12 * DAY_MS - 1, 0)]
    more = Intervals.of([(12 * DAY_MS, 13 * DAY_MS)])

    (joined,) = still_lost(known, more, (), 100 * DAY_MS, YEAR_MS)
    assert (joined.from_ms, joined.to_ms) == (10 * DAY_MS, 13 * DAY_MS)
    assert still_lost(known, more, (), 14 * DAY_MS + YEAR_MS + KEPT_LONGER_MS, YEAR_MS) == ()


def test_every_reason_says_what_is_missing_and_what_would_close_it():
    assert set(GAP_TEXTS) == set(GapReason)
    assert all(text.what and text.closes for text in GAP_TEXTS.values())
