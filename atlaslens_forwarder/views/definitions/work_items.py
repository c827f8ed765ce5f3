"""Work Items: each issue, page and pull request that was touched, by whom, and when."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.conditions import Exists
from atlaslens_forwarder.views.definitions import parts
from atlaslens_forwarder.views.model import (
    HALF,
    THIRD,
    BarsPanel,
    By,
    Calc,
    ColumnsPanel,
    DonutPanel,
    ListPanel,
    Metric,
    MetricPanel,
    TablePanel,
    View,
)

ITEM: Final = Exists("atlassian.work_item.id")
SOURCES: Final = (
    "jira-issues",
    "jira-worklogs",
    "jsm-sla",
    "confluence-content",
    "bitbucket-pullrequests",
)
NOT_READ: Final = "No work item was touched, or its source is not read: Sync Health tells."

VIEW: Final = View(
    id="work-items",
    title="Work Items",
    description="Issues, pages and pull requests: what was touched, by how many, first and last.",
    panels=(
        MetricPanel(
            id="work-items-total",
            title="Work items",
            help="Different issues, pages, posts and pull requests.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.ITEMS,
            width=THIRD,
        ),
        MetricPanel(
            id="work-items-changes",
            title="Changes",
            help="Everything done to them, comments and worklogs too.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.EVENTS,
            width=THIRD,
        ),
        MetricPanel(
            id="work-items-people",
            title="People",
            help="Different accounts that touched them.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.PEOPLE,
            width=THIRD,
        ),
        ColumnsPanel(
            id="work-items-by-day",
            title="Changes over time, by type",
            help="Issues, pages, posts and pull requests.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.EVENTS,
            split=parts.ITEM_TYPE,
            width=32,
        ),
        DonutPanel(
            id="work-items-by-type",
            title="Items by type",
            help="Different items of each type.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.ITEMS,
            by=parts.ITEM_TYPE,
        ),
        TablePanel(
            id="work-items-table",
            title="Work items",
            help="Those with most changes; key and title are those of the newest change.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            rows=(By("Item", "atlassian.work_item.id", 100, names="atlassian.work_item.key"),),
            metrics=(
                Metric("Title", Calc.NEWEST_VALUE, "atlassian.work_item.name"),
                Metric("Type", Calc.NEWEST_VALUE, "atlassian.work_item.type"),
                parts.FIRST,
                parts.LAST,
                parts.PEOPLE,
                Metric("Changes"),
                parts.LINK,
            ),
            width=48,
        ),
        BarsPanel(
            id="work-items-by-action",
            title="What was done",
            help="Changes by action.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.EVENTS,
            by=parts.ACTION,
            width=HALF,
        ),
        BarsPanel(
            id="work-items-by-person",
            title="By person",
            help="Different items that each account touched.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            metric=parts.ITEMS,
            by=parts.PERSON,
            width=HALF,
        ),
        ListPanel(
            id="work-items-latest",
            title="Latest changes",
            help="The newest changes of work items.",
            empty=NOT_READ,
            where=(ITEM,),
            sources=SOURCES,
            columns=parts.ITEM_COLUMNS,
            size=50,
        ),
    ),
)
