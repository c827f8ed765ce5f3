"""User Timeline: one person, all products, one chronological stream, and what is unusual in it."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.conditions import Exists, has
from atlaslens_forwarder.views.definitions import parts
from atlaslens_forwarder.views.model import (
    FULL,
    HALF,
    THIRD,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    ListPanel,
    MetricPanel,
    TablePanel,
    Told,
    ToldPanel,
    View,
)

NOBODY: Final = "No event of this person. Without a person chosen, these are everybody's events."

VIEW: Final = View(
    id="timeline",
    title="User Timeline",
    description="One person in all products, by time: as actor, affected, or author of a commit.",
    one_person=True,
    panels=(
        MetricPanel(
            id="timeline-total", title="Events", help="All products.", empty=NOBODY, metric=parts.EVENTS
        ),
        MetricPanel(
            id="timeline-sensitive",
            title="Sensitive operations",
            help="Events of high sensitivity.",
            where=(has("atlassian.sensitivity", "high"),),
            metric=parts.EVENTS,
        ),
        MetricPanel(
            id="timeline-items",
            title="Work items touched",
            help="Different issues, pages and pull requests.",
            metric=parts.ITEMS,
        ),
        MetricPanel(
            id="timeline-addresses",
            title="Addresses",
            help="Different source addresses, where records state them.",
            empty="No record of this person states an address.",
            metric=parts.ADDRESSES,
        ),
        ToldPanel(
            id="timeline-unusual",
            title="What is unusual",
            help="Actions and addresses that this person had not used before the chosen time, and hours in "
            "which this person is rarely active, compared with the 90 days before.",
            empty="Nothing stands out against the 90 days before.",
            told=Told.UNUSUAL,
            text="Compare the hours, addresses and first dates below with a longer time; "
            "`atlaslens-forwarder views timeline --user WHO` looks back by itself.",
        ),
        ColumnsPanel(
            id="timeline-by-day",
            title="Over time, by product",
            help="How busy, and where.",
            empty=NOBODY,
            metric=parts.EVENTS,
            split=parts.PRODUCT,
            width=32,
        ),
        DonutPanel(
            id="timeline-by-product",
            title="By product",
            help="Share of each product.",
            empty=NOBODY,
            metric=parts.EVENTS,
            by=parts.PRODUCT,
            width=THIRD,
        ),
        HeatmapPanel(
            id="timeline-when",
            title="Hours",
            help="Events by day of the week and hour, UTC.",
            empty=NOBODY,
            metric=parts.EVENTS,
            x=parts.HOUR,
            y=parts.WEEKDAY,
            width=HALF,
        ),
        TablePanel(
            id="timeline-addresses-used",
            title="Addresses",
            help="Where from, first and last in the chosen time.",
            empty="No record of this person states an address.",
            where=(Exists("source.ip"),),
            rows=(parts.ADDRESS,),
            metrics=(parts.EVENTS, parts.FIRST, parts.LAST),
            width=HALF,
        ),
        TablePanel(
            id="timeline-actions",
            title="Actions",
            help="What was done, first and last in the chosen time.",
            empty=NOBODY,
            rows=(parts.ALL_ACTIONS,),
            metrics=(parts.EVENTS, parts.FIRST, parts.LAST),
            width=HALF,
        ),
        TablePanel(
            id="timeline-areas",
            title="Areas",
            help="Projects, spaces, repositories and directories.",
            empty=NOBODY,
            rows=(parts.AREA,),
            metrics=(parts.EVENTS, parts.FIRST, parts.LAST),
            width=HALF,
        ),
        ListPanel(
            id="timeline-stream",
            title="Everything, by time",
            help="One stream of all products, oldest first.",
            empty=NOBODY,
            columns=parts.STREAM_COLUMNS,
            newest_first=False,
            size=500,
            width=FULL,
        ),
    ),
)
