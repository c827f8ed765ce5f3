"""A small site of all products, read once, and the views of it."""

from __future__ import annotations

from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.service.view_data import filled
from atlaslens_forwarder.settings import OrganisationSettings
from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.queries import Filters
from tests.integration.rig import NOW_MS, Clock, Rig, bitbucket_settings, make_settings, site_settings

NAME = "viewed"
SPAN_DAYS = 120
SOME_TIME = Filters(NOW_MS - 200 * DAY_MS, NOW_MS + MINUTE_MS)
PLAN = FaultPlan(bucket_size=100_000, bitbucket_requests_per_h=100_000, organisation_requests_per_min=100_000)


async def read_world(stack, client, url, folder) -> Rig:
    """All sources of all products, in one round."""
    clock = Clock()
    spec = WorldSpec(
        7,
        250,
        clock() - 120_000,
        span_days=SPAN_DAYS,
        site=NAME,
        issues=25,
        pages=12,
        repositories=3,
        organisation_events=40,
    )
    simulator = await stack.enter_async_context(Simulator(spec, faults=PLAN, clock=clock))
    owned = simulator.credentials
    site = site_settings(
        simulator,
        sources=(),
        bitbucket=bitbucket_settings(simulator, NAME),
        organisation=OrganisationSettings(
            id=owned.organisation_id, api_key=owned.organisation_key, url=simulator.url
        ),
    )
    rig = Rig(
        simulator, make_settings(folder, url, {NAME: site}, backfill_slice_days=365), clock, client, NAME
    )
    reports = await rig.sync()
    assert all(report.error is None for report in reports.values()), reports
    return rig


async def fill(rig, filters=SOME_TIME, names=(), asked=()):
    """Facts, and shown panels by id."""
    async with open_store(rig.settings, rig.clock) as store:
        facts, shown = await filled(
            store,
            [view for view in VIEWS if not names or view.id in names],
            filters,
            asked=asked,
            retention_days=365,
            tool_version="0.0.0",
            clock=rig.clock,
        )
    return facts, shown


def panels_of(shown):
    """Shown panels by id."""
    return {each.panel.id: each for view in shown for each in view.panels}
