"""What is stated about a stretch of time: complete, provisional, or with holes and their reasons."""

from __future__ import annotations

from typing import Any

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.state import Cursor
from atlaslens_forwarder.gaps.history import GapHistory, Period
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS, HOUR_MS, iso_ms
from atlaslens_forwarder.service.coverage import remembered
from atlaslens_forwarder.service.coverage_statement import LISTED
from atlaslens_forwarder.service.health import Health
from atlaslens_forwarder.storage.state import StateDoc

NOW_MS = 1_795_420_800_000
FROM_MS, TO_MS = NOW_MS - 10 * DAY_MS, NOW_MS - DAY_MS


class Stored:
    """State documents of some connectors."""

    def __init__(
        self,
        cursors: dict[str, list[tuple[int, int]]],
        healths: dict[str, Health] | None = None,
        gaps: tuple[GapHistory, ...] = (),
    ) -> None:
        self._docs = [
            StateDoc(f"cursor:{name}", "cursor", Cursor(NOW_MS, Intervals.of(spans)).to_json(), 1, 1, name)
            for name, spans in cursors.items()
        ] + [
            StateDoc(f"health:{name}", "health", health.to_json(), 1, 1, name)
            for name, health in (healths or {}).items()
        ]
        self._docs += [
            StateDoc(f"gap:{each.connector}:{each.reason}", "gap", each.to_json(), 1, 1, each.connector)
            for each in gaps
        ]

    async def list(self, kind: str) -> list[StateDoc]:
        return [doc for doc in self._docs if doc.kind == kind]


async def stated(
    cursors: dict[str, list[tuple[int, int]]],
    healths: dict[str, Health] | None = None,
    from_ms: int = FROM_MS,
    to_ms: int = TO_MS,
    gaps: tuple[GapHistory, ...] = (),
) -> dict[str, Any]:
    store: Any = Stored(cursors, healths, gaps)
    return await remembered(store, from_ms, to_ms, NOW_MS, retention_ms=365 * DAY_MS)


async def test_time_that_was_read_is_complete():
    found = await stated({"a:x": [(FROM_MS, TO_MS - 1)], "a:y": [(0, NOW_MS)]})

    assert found["verdict"] == "complete"
    for each in found["connectors"].values():
        assert (each["verdict"], each["covered_share"], each["holes"]) == ("complete", 1.0, [])
        assert "provisional_from" not in each


async def test_one_connector_with_a_hole_makes_the_whole_one_with_holes():
    found = await stated({"a:x": [(FROM_MS, TO_MS - 1)], "a:y": [(FROM_MS, FROM_MS + DAY_MS - 1)]})

    assert found["verdict"] == "holes"
    assert found["connectors"]["a:x"]["verdict"] == "complete"
    assert found["connectors"]["a:y"]["holes"] == [
        {
            "from": iso_ms(FROM_MS + DAY_MS),
            "to": iso_ms(TO_MS),
            "kind": "not-read",
            "reason": "not read yet",
        }
    ]


async def test_a_single_missing_millisecond_is_a_hole():
    found = await stated({"a:x": [(FROM_MS, FROM_MS + 4), (FROM_MS + 6, TO_MS)]})

    assert found["verdict"] == "holes"
    assert found["connectors"]["a:x"]["holes_total"] == 1


async def test_a_hole_tells_what_the_source_said():
    refused = Health().after_round(SourceStatus.NO_PLAN, NOW_MS, "the site is on a Free plan")

    (each,) = (await stated({"a:x": []}, {"a:x": refused}))["connectors"].values()

    assert each["holes"][0]["reason"] == "the site is on a Free plan"
    assert each["status"] == "no-plan"


async def test_a_hole_tells_the_gap_that_was_open_then_and_not_what_the_source_says_now():
    expired = Period(FROM_MS, FROM_MS + DAY_MS, FROM_MS, FROM_MS + DAY_MS, "the token was not accepted")
    gaps = (GapHistory("a:x", GapReason.EXPIRED, (expired,)),)
    now = Health().after_round(SourceStatus.THROTTLED, NOW_MS, "still limited")

    found = await stated({"a:x": [(FROM_MS + DAY_MS, TO_MS - DAY_MS)]}, {"a:x": now}, gaps=gaps)

    first, last = found["connectors"]["a:x"]["holes"]
    assert (first["reason"], first["gaps"]) == ("the token was not accepted", ["expired"])
    assert (last["reason"], "gaps" in last) == ("still limited", False)


@pytest.mark.parametrize("reason", [GapReason.BEYOND_RETENTION, GapReason.BEFORE_FIRST_POLL])
async def test_time_that_was_asked_in_vain_is_a_hole_although_the_cursor_counts_it(reason):
    lost = Period(None, FROM_MS + DAY_MS - 1, NOW_MS)

    found = await stated({"a:x": [(0, NOW_MS)]}, gaps=(GapHistory("a:x", reason, (lost,)),))

    (hole,) = found["connectors"]["a:x"]["holes"]
    assert (hole["from"], hole["to"], hole["gaps"]) == (iso_ms(FROM_MS), iso_ms(FROM_MS + DAY_MS), [reason])
    assert found["connectors"]["a:x"]["covered_share"] < 1


@pytest.mark.parametrize("reason", [GapReason.SILENT, GapReason.QUARANTINED, GapReason.EXPIRED])
async def test_gaps_over_time_that_was_read_make_no_hole(reason):
    gaps = (GapHistory("a:x", reason, (Period(FROM_MS, None, FROM_MS),)),)

    assert (await stated({"a:x": [(0, NOW_MS)]}, gaps=gaps))["verdict"] == "complete"


async def test_a_connector_that_never_covered_anything_is_stated_too():
    found = await stated({"a:x": [(FROM_MS, TO_MS)]}, {"a:y": Health(SourceStatus.EXPIRED)})

    assert found["connectors"]["a:y"]["verdict"] == "holes"
    assert found["verdict"] == "holes"


@pytest.mark.parametrize("to_ms", [NOW_MS, NOW_MS + DAY_MS, NOW_MS - HOUR_MS + 1])
async def test_time_in_which_rows_still_arrive_is_provisional(to_ms):
    found = await stated({"a:x": [(FROM_MS, NOW_MS - HOUR_MS)]}, to_ms=to_ms)

    (each,) = found["connectors"].values()
    assert (found["verdict"], each["holes"]) == ("provisional", [])
    assert each["provisional_from"] == iso_ms(NOW_MS - HOUR_MS)


async def test_nothing_known_is_not_complete():
    assert (await stated({}))["verdict"] == "holes"


async def test_only_so_many_holes_are_listed_but_all_are_counted():
    spans = [(FROM_MS + 2 * step, FROM_MS + 2 * step) for step in range(LISTED + 50)]

    (each,) = (await stated({"a:x": spans}))["connectors"].values()

    assert len(each["holes"]) == LISTED
    assert each["holes_total"] == LISTED + 50
