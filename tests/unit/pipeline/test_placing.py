"""Dates that outsiders set choose no month at will."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.event import Event, Pipeline
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.pipeline.placing import is_undated, place

NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z
OLDEST_MS = NOW_MS - 365 * DAY_MS


def event(at_ms, pipeline=Pipeline.ACTIVITY):
    return Event("x", at_ms, pipeline, {})


def placed(at_ms, *, outsider_dates=True, pipeline=Pipeline.ACTIVITY):
    return place(event(at_ms, pipeline), NOW_MS, OLDEST_MS, outsider_dates=outsider_dates)


@pytest.mark.parametrize("at_ms", [OLDEST_MS, NOW_MS, NOW_MS + DAY_MS])
def test_a_date_that_can_be_true_names_its_month(at_ms):
    assert not is_undated(placed(at_ms))


@pytest.mark.parametrize("at_ms", [0, OLDEST_MS - 1, NOW_MS + DAY_MS + 1, NOW_MS + 400 * DAY_MS])
def test_a_date_that_cannot_be_true_goes_to_the_month_of_its_discovery(at_ms):
    assert placed(at_ms) == "atlaslens-activity-undated-2026.11"
    assert is_undated(placed(at_ms))


def test_dates_of_the_service_itself_are_believed():
    assert placed(NOW_MS + 400 * DAY_MS, outsider_dates=False) == "atlaslens-activity-2027.12"


def test_the_pipeline_of_the_event_decides_about_its_index():
    assert placed(NOW_MS, pipeline=Pipeline.AUDIT) == "atlaslens-audit-2026.11"


@pytest.mark.parametrize("name", ["atlaslens-activity-2026.11", "atlaslens-state", "other"])
def test_other_indices_are_not_undated(name):
    assert not is_undated(name)
