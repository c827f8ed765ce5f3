"""Static gaps: complete, told once, and closed only by what was read of the organisation."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.gaps.organisation import OrganisationRead, Stand, stand
from atlaslens_forwarder.gaps.static import STATIC_GAPS
from atlaslens_forwarder.normalise.actions.known import PRODUCTS

BY_ID = {gap.id: gap for gap in STATIC_GAPS}
ALL = OrganisationRead(Intervals.of([(0, 99)]), well=True)
HALF = OrganisationRead(Intervals.of([(50, 99)]), well=True)
REFUSED = OrganisationRead(Intervals.of([(0, 99)]), well=False)
NEVER = OrganisationRead(Intervals(), well=False)


def test_every_gap_is_told_once_and_in_full():
    assert len(BY_ID) == len(STATIC_GAPS)
    for gap in STATIC_GAPS:
        assert all((gap.id, gap.what, gap.why, gap.closes))
        assert gap.product in {"all", *PRODUCTS}


def test_what_the_fact_sheet_names_is_there():
    named = {"sign-ins", "organisation-admin", "api-tokens", "views", "downloads", "bitbucket-audit"}
    assert named | {"jira-automation-log", "jsm-operations-log", "confluence-moves"} <= set(BY_ID)


@pytest.mark.parametrize(
    ("read", "sites", "expected"),
    [
        ([], 1, Stand.OPEN),
        ([NEVER], 1, Stand.OPEN),
        ([REFUSED], 1, Stand.PARTLY_CLOSED),
        ([HALF], 1, Stand.PARTLY_CLOSED),
        ([ALL], 1, Stand.CLOSED),
        ([ALL], 2, Stand.PARTLY_CLOSED),
        ([ALL, NEVER], 2, Stand.PARTLY_CLOSED),
        ([ALL, ALL], 2, Stand.CLOSED),
    ],
)
def test_the_organisation_closes_by_evidence(read, sites, expected):
    assert stand(BY_ID["sign-ins"], read, sites, 0, 100) is expected
    assert stand(BY_ID["views"], read, sites, 0, 100) is Stand.OPEN


def test_an_empty_stretch_of_time_closes_nothing():
    assert stand(BY_ID["sign-ins"], [ALL], 1, 50, 10) is Stand.OPEN
