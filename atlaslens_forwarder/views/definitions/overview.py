"""Overview: how much happened, where, and who was busy."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.conditions import has
from atlaslens_forwarder.views.definitions import parts
from atlaslens_forwarder.views.definitions.productivity import EVERYTHING
from atlaslens_forwarder.views.model import (
    FULL,
    HALF,
    THIRD,
    BarsPanel,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    ListPanel,
    MetricPanel,
    Told,
    ToldPanel,
    View,
)

NOTHING_YET: Final = (
    "No event in the chosen time and filters. If nothing was read yet, run sync; Sync Health tells what was."
)

VIEW: Final = View(
    id="overview",
    title="Overview",
    description="How much happened, in which product, and who was busy.",
    panels=(
        MetricPanel(
            id="overview-total",
            title="Events",
            help="Everything that was recorded, of both pipelines.",
            empty=NOTHING_YET,
            metric=parts.EVENTS,
            width=8,
        ),
        MetricPanel(
            id="overview-people",
            title="People",
            help="Different accounts that did something.",
            metric=parts.PEOPLE,
            width=8,
        ),
        MetricPanel(
            id="overview-activity",
            title="Activity",
            help="Work on issues, pages and code.",
            empty="No work was recorded. Only audit logs may be read: see Sync Health.",
            where=(has("atlassian.pipeline", "activity"),),
            sources=EVERYTHING,
            metric=parts.EVENTS,
            width=8,
        ),
        MetricPanel(
            id="overview-audit",
            title="Administration",
            help="Entries of the audit logs and what was derived about permissions.",
            where=(has("atlassian.pipeline", "audit"),),
            metric=parts.EVENTS,
            width=8,
        ),
        MetricPanel(
            id="overview-sensitive",
            title="Sensitive operations",
            help="Events of high sensitivity: they move access, data or trust (docs/actions.md).",
            where=(has("atlassian.sensitivity", "high"),),
            metric=parts.EVENTS,
            width=8,
        ),
        MetricPanel(
            id="overview-permissions",
            title="Permission changes",
            help="Events that change who may see or do something.",
            where=(has("atlassian.permission_change", "true"),),
            metric=parts.EVENTS,
            width=8,
        ),
        ColumnsPanel(
            id="overview-by-day",
            title="Events over time, by pipeline",
            help="Audit is administration, activity is everyday work.",
            empty=NOTHING_YET,
            metric=parts.EVENTS,
            split=parts.PIPELINE,
            width=32,
        ),
        DonutPanel(
            id="overview-by-product",
            title="By product",
            help="Share of each product.",
            metric=parts.EVENTS,
            by=parts.PRODUCT,
        ),
        BarsPanel(
            id="overview-top-people",
            title="Most active people",
            help="Accounts with most events; what nobody is named for is left out.",
            metric=parts.EVENTS,
            by=parts.PERSON,
            width=THIRD,
        ),
        BarsPanel(
            id="overview-by-action",
            title="Most frequent actions",
            help="What was done most often.",
            metric=parts.EVENTS,
            by=parts.ACTION,
            width=THIRD,
        ),
        BarsPanel(
            id="overview-by-area",
            title="Where",
            help="Projects, spaces, repositories and directories with most events.",
            metric=parts.EVENTS,
            by=parts.AREA,
            width=THIRD,
        ),
        HeatmapPanel(
            id="overview-when",
            title="When",
            help="Events by day of the week and hour, UTC.",
            metric=parts.EVENTS,
            x=parts.HOUR,
            y=parts.WEEKDAY,
            width=HALF,
        ),
        BarsPanel(
            id="overview-sensitive-actions",
            title="Sensitive operations, by action",
            help="What moves access, data or trust.",
            where=(has("atlassian.sensitivity", "high"),),
            metric=parts.EVENTS,
            by=parts.ACTION,
            width=HALF,
        ),
        ListPanel(
            id="overview-latest",
            title="Latest",
            help="The newest events.",
            empty=NOTHING_YET,
            columns=parts.DEED_COLUMNS,
            size=25,
            width=FULL,
        ),
        ToldPanel(
            id="overview-gaps",
            title="What was not read",
            help="Open gaps of the sources in the chosen time: zero above may mean not read.",
            empty="No gap of any source in this time.",
            told=Told.GAPS,
            text="Zero may mean that nothing was read. Sync Health and `atlaslens-forwarder gaps` tell.",
        ),
    ),
)
