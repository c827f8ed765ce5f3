"""A month expires only when its last event has lived the whole retention."""

from __future__ import annotations

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.storage.expiry import expired_months
from atlaslens_forwarder.storage.names import parse_month_index

MONTH = "atlaslens-audit-2025.01"


def start_of(name):
    month = parse_month_index(name)
    assert month is not None
    return month.start_ms


def test_a_month_expires_396_days_after_its_start_and_not_a_millisecond_earlier():
    due_ms = start_of(MONTH) + 396 * DAY_MS

    assert expired_months([MONTH], due_ms - 1) == []
    assert expired_months([MONTH], due_ms) == [MONTH]


def test_every_event_of_every_month_lives_at_least_the_retention():
    for year in (2023, 2024):
        for number in range(1, 13):
            name = f"atlaslens-activity-{year}.{number:02d}"
            month = parse_month_index(name)
            assert month is not None
            last_event_ms = month.end_ms - 1
            assert expired_months([name], last_event_ms + 365 * DAY_MS - 1) == []


def test_only_months_of_ours_expire():
    names = ["atlaslens-seals", "atlaslens-state", "other-2020.01", "atlaslens-audit-2020.01-old", MONTH]

    assert expired_months(names, start_of(MONTH) + 9999 * DAY_MS) == [MONTH]


def test_another_retention_moves_the_day():
    assert expired_months([MONTH], start_of(MONTH) + 61 * DAY_MS, retention_days=30) == [MONTH]
