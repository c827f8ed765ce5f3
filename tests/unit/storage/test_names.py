"""Index names: one per family and UTC month, and nothing foreign is ever taken for ours."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.storage.names import (
    MONTHLY,
    Family,
    family_of,
    month_index,
    month_start_ms,
    months_ahead,
    months_between,
    next_month_ms,
    parse_month_index,
)


@pytest.mark.parametrize(
    ("time", "name"),
    [
        ("2026-01-01T00:00:00.000Z", "atlaslens-audit-2026.01"),
        ("2025-12-31T23:59:59.999Z", "atlaslens-audit-2025.12"),
        ("2026-01-01T00:30:00.000+01:00", "atlaslens-audit-2025.12"),
        ("2024-02-29T12:00:00.000Z", "atlaslens-audit-2024.02"),
        ("1969-12-31T23:59:59.999Z", "atlaslens-audit-1969.12"),
    ],
)
def test_an_event_belongs_to_the_utc_month_of_its_time(time, name):
    assert month_index(Family.AUDIT, parse_iso_ms(time)) == name


@pytest.mark.parametrize("family", MONTHLY)
def test_a_month_name_parses_back_to_its_bounds(family):
    at_ms = parse_iso_ms("2025-12-15T10:00:00Z")

    month = parse_month_index(month_index(family, at_ms))

    assert month is not None
    assert month.family is family
    assert month.start_ms == parse_iso_ms("2025-12-01T00:00:00Z") == month_start_ms(at_ms)
    assert month.end_ms == parse_iso_ms("2026-01-01T00:00:00Z") == next_month_ms(at_ms)


@pytest.mark.parametrize(
    "name",
    [
        "atlaslens-audit-2026.13",
        "atlaslens-audit-2026.00",
        "atlaslens-audit-2026.1",
        "atlaslens-audit-2026.01-copy",
        "atlaslens-audit-2026.01\n",
        "xatlaslens-audit-2026.01",
        "atlaslens-seals-2026.01",
        "atlaslens-state",
        "logs-2026.01",
        "",
    ],
)
def test_a_foreign_name_is_no_month_of_ours(name):
    assert parse_month_index(name) is None


def test_undated_activity_is_not_taken_for_activity():
    month = parse_month_index("atlaslens-activity-undated-2026.01")

    assert month is not None
    assert month.family is Family.UNDATED


def test_single_indices_are_known_by_name_and_foreign_ones_are_not():
    assert family_of("atlaslens-seals") is Family.SEALS
    assert family_of("atlaslens-audit-2026.01") is Family.AUDIT
    assert family_of("atlaslens-audit") is None
    assert family_of("atlaslens-other") is None


def test_a_family_has_either_months_or_one_index():
    with pytest.raises(ValueError, match="no months"):
        month_index(Family.STATE, 0)
    with pytest.raises(ValueError, match="one index per month"):
        _ = Family.AUDIT.single_index


def test_only_people_lookup_alerts_and_state_may_be_updated():
    updatable = {family for family in Family if not family.append_only}

    assert updatable == {Family.PEOPLE, Family.LOOKUP, Family.ALERTS, Family.STATE}


def test_months_between_touches_both_ends():
    starts = months_between(
        parse_iso_ms("2025-11-30T23:59:59.999Z"), parse_iso_ms("2026-02-01T00:00:00.000Z")
    )

    assert [month_index(Family.AUDIT, start)[-7:] for start in starts] == [
        "2025.11",
        "2025.12",
        "2026.01",
        "2026.02",
    ]
    assert months_between(2, 1) == []
    assert months_between(1, 1) == [0]


def test_months_ahead_are_this_and_the_next_of_every_family():
    names = months_ahead(parse_iso_ms("2026-12-31T23:59:59.999Z"))

    assert len(names) == 2 * len(MONTHLY)
    assert {"atlaslens-audit-2026.12", "atlaslens-audit-2027.01", "atlaslens-windows-2027.01"} <= set(names)
