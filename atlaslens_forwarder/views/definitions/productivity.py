"""Productivity: work on issues, pages and code."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.conditions import Exists, Has, has
from atlaslens_forwarder.views.definitions import parts
from atlaslens_forwarder.views.model import (
    FULL,
    THIRD,
    BarsPanel,
    Calc,
    ColumnsPanel,
    DonutPanel,
    HeatmapPanel,
    ListPanel,
    Metric,
    MetricPanel,
    TablePanel,
    Told,
    ToldPanel,
    Unit,
    View,
)

WORK: Final = has("atlassian.pipeline", "activity")
COMMENTS: Final = ("comment_added", "comment_created", "pull_request_comment_added")
PAGE_EDITS: Final = ("page_created", "page_updated", "blog_post_created", "blog_post_updated")
MERGED: Final = has("event.action", "pull_request_merged")
ISSUES: Final = ("jira-issues",)
PAGES: Final = ("confluence-content",)
PULLS: Final = ("bitbucket-pullrequests",)
EVERYTHING: Final = (*ISSUES, "jira-worklogs", "jsm-sla", *PAGES, "bitbucket-commits", *PULLS)
NOT_READ: Final = "No such work in the chosen time, or its source is not read: Sync Health tells."
MEDIAN: Final = Metric("Median", Calc.MEDIAN, "event.duration", Unit.NANOSECONDS)
P90: Final = Metric("90 % within", Calc.P90, "event.duration", Unit.NANOSECONDS)


def _number(name: str, title: str, text: str, *actions: str, metric: Metric = parts.EVENTS) -> MetricPanel:
    sources = {
        "items": (*ISSUES, *PAGES, *PULLS),
        "comments": (*ISSUES, *PAGES, *PULLS),
        "page-edits": PAGES,
        "commits": ("bitbucket-commits",),
        "merged": PULLS,
        "cycle": PULLS,
    }
    return MetricPanel(
        id=f"productivity-{name}",
        title=title,
        help=text,
        empty=NOT_READ,
        where=(WORK, has("event.action", *actions)) if actions else (WORK,),
        metric=metric,
        sources=sources[name],
        width=8,
    )


VIEW: Final = View(
    id="productivity",
    title="Productivity",
    description="Work on issues, pages and code: how much, by whom, where, and how fast pull requests move.",
    panels=(
        _number(
            "items", "Work items touched", "Different issues, pages and pull requests.", metric=parts.ITEMS
        ),
        _number("comments", "Comments", "Written on issues, pages and pull requests.", *COMMENTS),
        _number("page-edits", "Page edits", "Pages and posts created or changed.", *PAGE_EDITS),
        _number("commits", "Commits", "Commits by the time they were written.", "commit_pushed"),
        _number("merged", "Pull requests merged", "Merged in the chosen time.", "pull_request_merged"),
        _number(
            "cycle",
            "Cycle time",
            "Median time from opening to merging a pull request, of those merged in the chosen time. "
            "Pull requests open longer than 104 days have no duration.",
            "pull_request_merged",
            metric=MEDIAN,
        ),
        ColumnsPanel(
            id="productivity-by-day",
            title="Work over time, by product",
            help="Events of work in each product.",
            empty=NOT_READ,
            where=(WORK,),
            sources=EVERYTHING,
            metric=parts.EVENTS,
            split=parts.PRODUCT,
            width=32,
        ),
        DonutPanel(
            id="productivity-by-type",
            title="By kind of object",
            help="Issues, comments, pages, commits and so on.",
            empty=NOT_READ,
            where=(WORK,),
            sources=EVERYTHING,
            metric=parts.EVENTS,
            by=parts.OBJECT_TYPE,
        ),
        TablePanel(
            id="productivity-by-person",
            title="By person",
            help="What each account touched; figures count events, not effort or worth.",
            empty=NOT_READ,
            where=(WORK,),
            sources=EVERYTHING,
            rows=(parts.MANY_PEOPLE,),
            metrics=(parts.EVENTS, parts.ITEMS, parts.AREAS, parts.FIRST, parts.LAST),
            width=32,
        ),
        BarsPanel(
            id="productivity-by-area",
            title="By area",
            help="Projects, spaces and repositories with most work; without what names only its issue: "
            "comments, worklogs, service levels.",
            empty=NOT_READ,
            where=(WORK, Has("atlassian.object.type", ("comment", "worklog", "sla"), absent=True)),
            sources=EVERYTHING,
            metric=parts.EVENTS,
            by=parts.AREA,
            width=THIRD,
        ),
        ColumnsPanel(
            id="productivity-cycle-by-day",
            title="Pull requests merged over time",
            help="How many were merged.",
            empty=NOT_READ,
            where=(MERGED,),
            sources=PULLS,
            metric=parts.EVENTS,
        ),
        TablePanel(
            id="productivity-cycle-by-area",
            title="Cycle time of pull requests, by repository",
            help="Time from opening to merging, of those merged in the chosen time.",
            empty=NOT_READ,
            where=(MERGED,),
            sources=PULLS,
            rows=(parts.AREA,),
            metrics=(Metric("Merged"), MEDIAN, P90),
        ),
        BarsPanel(
            id="productivity-logged",
            title="Logged work, by person",
            help="Time that was logged on issues, by who logged it.",
            empty="No worklog in the chosen time, or worklogs are not read: Sync Health tells.",
            where=(has("event.action", "worklog_added"), Exists("atlassian.time_spent_s")),
            sources=("jira-worklogs",),
            metric=Metric("Time", Calc.SUM, "atlassian.time_spent_s", Unit.SECONDS),
            by=parts.PERSON,
        ),
        HeatmapPanel(
            id="productivity-when",
            title="When",
            help="Work by day of the week and hour, UTC.",
            empty=NOT_READ,
            where=(WORK,),
            sources=EVERYTHING,
            metric=parts.EVENTS,
            x=parts.HOUR,
            y=parts.WEEKDAY,
        ),
        ListPanel(
            id="productivity-latest",
            title="Latest work",
            help="The newest events of work.",
            empty=NOT_READ,
            where=(WORK,),
            sources=EVERYTHING,
            columns=parts.DEED_COLUMNS,
            size=25,
        ),
        ToldPanel(
            id="productivity-gaps",
            title="What is not collected",
            help="Work that no account can read, so that zero does not mean none.",
            told=Told.NOT_COLLECTED,
            products=("jira", "jsm", "confluence", "bitbucket"),
            width=FULL,
        ),
    ),
)
