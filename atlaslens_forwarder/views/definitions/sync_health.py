"""Sync Health: what was read, how well, and what is missing."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.views.conditions import Exists, has
from atlaslens_forwarder.views.model import (
    FULL,
    HALF,
    QUARTER,
    BarsPanel,
    By,
    Calc,
    Column,
    ColumnsPanel,
    Index,
    Kind,
    ListPanel,
    Metric,
    MetricPanel,
    SavedSearch,
    TablePanel,
    Told,
    ToldPanel,
    Unit,
    View,
)

NEVER_READ: Final = "No window was read in the chosen time: run sync, or choose a longer time."
CLEAN: Final = "None in the chosen time, as it should be."
WINDOWS: Final = Metric("Windows")
SOURCE: Final = By("Source", "window.connector", 50)
FAILED: Final = has("window.covered", "false")
STORED: Final = Metric("Stored", Calc.SUM, "window.stored")
ROWS: Final = Metric("Rows", Calc.SUM, "window.rows")
FAILED_COLUMNS: Final = (
    Column("Read at (UTC)", "@timestamp", Kind.TIME),
    Column("Source", "window.connector"),
    Column("Purpose", "window.purpose"),
    Column("From", "window.from", Kind.TIME),
    Column("To", "window.to", Kind.TIME),
    Column("Error", "window.error.type"),
    Column("Message", "window.error.message"),
)
QUARANTINE_COLUMNS: Final = (
    Column("Found (UTC)", "@timestamp", Kind.TIME),
    Column("Source", "quarantine.connector"),
    Column("Reason", "quarantine.reason"),
    Column("Detail", "quarantine.detail"),
    Column("Row of", "quarantine.row_at", Kind.TIME),
)
ON_THE_COMMAND_LINE: Final = "It is kept as state that Dashboards cannot search: `atlaslens-forwarder {}`."

VIEW: Final = View(
    id="sync-health",
    title="Sync Health",
    description="What was read, how well, and what is missing. "
    "Windows and rows in quarantine are shown by when they were read, and obey time and product only.",
    searches=(
        SavedSearch(
            id="search-failed-windows",
            title="Windows that failed",
            question="Which readings failed, and why?",
            index=Index.WINDOWS,
            where=(FAILED,),
            columns=FAILED_COLUMNS,
        ),
        SavedSearch(
            id="search-quarantine",
            title="Quarantine",
            question="Which rows became no event, and why?",
            index=Index.QUARANTINE,
            where=(Exists("quarantine.replay_of", absent=True),),
            columns=QUARANTINE_COLUMNS,
        ),
    ),
    panels=(
        ToldPanel(
            id="sync-health-sources",
            title="Sources",
            help="State, last success, lag and how much of the chosen time was read with proven access.",
            empty="No source was read yet: run sync.",
            told=Told.SOURCES,
            text=ON_THE_COMMAND_LINE.format("status"),
        ),
        MetricPanel(
            id="sync-health-windows",
            title="Windows read",
            help="Stretches of time that were asked for.",
            empty=NEVER_READ,
            index=Index.WINDOWS,
            metric=WINDOWS,
            width=QUARTER,
        ),
        MetricPanel(
            id="sync-health-failed",
            title="Windows that failed",
            help="They are asked again; what they cover stays missing until then.",
            empty=CLEAN,
            index=Index.WINDOWS,
            where=(FAILED,),
            metric=WINDOWS,
            width=QUARTER,
        ),
        MetricPanel(
            id="sync-health-stored",
            title="Events stored",
            help="By the windows read in the chosen time.",
            empty=NEVER_READ,
            index=Index.WINDOWS,
            metric=STORED,
            width=QUARTER,
        ),
        MetricPanel(
            id="sync-health-quarantine",
            title="Rows in quarantine",
            help="Rows that became no event, found in the chosen time; replays do not count.",
            empty=CLEAN,
            index=Index.QUARANTINE,
            where=(Exists("quarantine.replay_of", absent=True),),
            metric=Metric("Rows"),
            width=QUARTER,
        ),
        TablePanel(
            id="sync-health-rates",
            title="Rates, by source",
            help="What the windows of each source brought, and how long they took.",
            empty=NEVER_READ,
            index=Index.WINDOWS,
            rows=(SOURCE,),
            metrics=(
                WINDOWS,
                ROWS,
                STORED,
                Metric("Repeats", Calc.SUM, "window.repeat"),
                Metric("Late", Calc.SUM, "window.late"),
                Metric("Conflicts", Calc.SUM, "window.conflict"),
                Metric("Quarantined", Calc.SUM, "window.quarantined"),
                Metric("Pages", Calc.SUM, "window.pages"),
                Metric("Time per window", Calc.AVERAGE, "window.duration_ms", Unit.MILLISECONDS),
            ),
            width=FULL,
        ),
        TablePanel(
            id="sync-health-success",
            title="Last success, by source",
            help="The newest window that was read to its end with proven access, and how far it reached.",
            empty=NEVER_READ,
            index=Index.WINDOWS,
            where=(has("window.covered", "true"),),
            rows=(SOURCE,),
            metrics=(
                Metric("Windows"),
                Metric("Read until", Calc.LATEST, "window.to"),
                Metric("Finished", Calc.LATEST, "window.finished"),
            ),
            width=HALF,
        ),
        ColumnsPanel(
            id="sync-health-by-day",
            title="Events stored over time, by source",
            help="By when they were read.",
            empty=NEVER_READ,
            index=Index.WINDOWS,
            metric=STORED,
            split=SOURCE,
            width=HALF,
        ),
        ToldPanel(
            id="sync-health-holes",
            title="Windows with holes",
            help="Stretches of the chosen time that were not read, with the reason.",
            empty="Every source was read without a hole, but for what is still open at the end.",
            told=Told.HOLES,
            text=ON_THE_COMMAND_LINE.format("status --json"),
        ),
        ListPanel(
            id="sync-health-failures",
            title="Windows that failed",
            help="The newest; a later window may have read the same time.",
            empty=CLEAN,
            index=Index.WINDOWS,
            where=(FAILED,),
            columns=FAILED_COLUMNS,
            size=25,
        ),
        BarsPanel(
            id="sync-health-quarantine-reasons",
            title="Quarantine, by reason",
            help="Why rows became no event.",
            empty=CLEAN,
            index=Index.QUARANTINE,
            where=(Exists("quarantine.replay_of", absent=True),),
            metric=Metric("Rows"),
            by=By("Reason", "quarantine.reason"),
            width=HALF,
        ),
        TablePanel(
            id="sync-health-quarantine-sources",
            title="Quarantine, by source",
            help="Whose rows they are, and since when.",
            empty=CLEAN,
            index=Index.QUARANTINE,
            where=(Exists("quarantine.replay_of", absent=True),),
            rows=(By("Source", "quarantine.connector", 50),),
            metrics=(
                Metric("Rows"),
                Metric("First", Calc.EARLIEST, "@timestamp"),
                Metric("Last", Calc.LATEST, "@timestamp"),
            ),
            width=HALF,
        ),
        ToldPanel(
            id="sync-health-gaps",
            title="Gaps of your sources",
            help="What could not be read in the chosen time, with periods.",
            empty="No gap of any source in this time.",
            told=Told.GAPS,
            text=ON_THE_COMMAND_LINE.format("gaps --all"),
        ),
        ToldPanel(
            id="sync-health-not-collected",
            title="What is not collected",
            help="What happens in the products and cannot be read; never to be read as zero.",
            told=Told.NOT_COLLECTED,
            products=("jira", "jsm", "confluence", "bitbucket"),
        ),
    ),
)
