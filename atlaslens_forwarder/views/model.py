"""What a view is made of. One definition serves Dashboards, the terminal and the HTML page.

A panel says what it shows, not how it is drawn: the fields, the conditions, the buckets and the figures. It
has a stable ``id``, from which ids of saved objects are made. Sizes are those of Dashboards: 48 columns wide.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from atlaslens_forwarder.views.conditions import Condition

FULL: Final = 48
HALF: Final = 24
THIRD: Final = 16
QUARTER: Final = 12


class Index(StrEnum):
    """Where a panel looks; all have ``@timestamp``."""

    EVENTS = "events"
    WINDOWS = "windows"
    QUARANTINE = "quarantine"

    @property
    def pattern(self) -> str:
        """The name or pattern to search."""
        return "atlaslens-events" if self is Index.EVENTS else f"atlaslens-{self.value}-*"


class Calc(StrEnum):
    """How a figure is made of the documents of a bucket."""

    COUNT = "count"
    DISTINCT = "distinct"
    SUM = "sum"
    AVERAGE = "average"
    MEDIAN = "median"
    P90 = "p90"
    EARLIEST = "earliest"
    LATEST = "latest"
    NEWEST_VALUE = "newest_value"
    """The field's value in the newest document (``top_hits``, one hit by ``@timestamp``)."""


class Unit(StrEnum):
    """What a number means; dates of ``earliest`` and ``latest`` need none."""

    NUMBER = "number"
    NANOSECONDS = "nanoseconds"
    MILLISECONDS = "milliseconds"
    SECONDS = "seconds"
    LINK = "link"
    """A value that is an address in Atlassian."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One figure; ``field`` is empty for a count."""

    label: str
    calc: Calc = Calc.COUNT
    field: str = ""
    unit: Unit = Unit.NUMBER


class Part(StrEnum):
    """A part of an event's time, UTC: scripted fields of these names, see ``SCRIPTS``."""

    HOUR = "hour_of_day"
    WEEKDAY = "day_of_week"


SCRIPTS: Final = {
    Part.HOUR: "doc['@timestamp'].value.getHour()",
    Part.WEEKDAY: "doc['@timestamp'].value.getDayOfWeekEnum().getValue()",
}
"""Painless sources; hours are 0 to 23, days 1 (Monday) to 7."""


@dataclass(frozen=True, slots=True)
class By:
    """A bucket for each value of a field, those with most documents first.

    ``names`` is the field that has words for ids of ``field`` in the same document.
    """

    label: str
    field: str
    size: int = 10
    names: str = ""


@dataclass(frozen=True, slots=True)
class ByPart:
    """A bucket for each hour of the day or day of the week (UTC)."""

    label: str
    part: Part


class Kind(StrEnum):
    """What a column of a list holds."""

    TEXT = "text"
    TIME = "time"
    LINK = "link"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a list of documents; ``names`` as in ``By``."""

    label: str
    field: str
    kind: Kind = Kind.TEXT
    names: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Panel:
    """What all panels have.

    ``help`` says what it shows, ``empty`` why there may be nothing to show. A panel shows documents of
    ``index`` for which all of ``where`` hold, within the filters. ``sources`` are all that bring such
    documents: where none of them was read in the chosen time, nothing found means nothing collected.
    """

    id: str
    title: str
    help: str
    empty: str = "Nothing of this kind in the chosen time and filters."
    index: Index = Index.EVENTS
    where: tuple[Condition, ...] = ()
    sources: tuple[str, ...] = ()
    width: int = HALF


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricPanel(Panel):
    """One big number."""

    metric: Metric
    width: int = QUARTER


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnsPanel(Panel):
    """Columns over time, stacked by ``split`` where there is one; the interval follows the time shown."""

    metric: Metric
    split: By | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class BarsPanel(Panel):
    """Horizontal bars."""

    metric: Metric
    by: By


@dataclass(frozen=True, slots=True, kw_only=True)
class DonutPanel(Panel):
    """Shares of a whole."""

    metric: Metric
    by: By
    width: int = THIRD


@dataclass(frozen=True, slots=True, kw_only=True)
class TablePanel(Panel):
    """One row per combination of the buckets, outermost first, with figures."""

    rows: tuple[By, ...]
    metrics: tuple[Metric, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatmapPanel(Panel):
    """A colour per pair of buckets."""

    metric: Metric
    x: By | ByPart
    y: By | ByPart


@dataclass(frozen=True, slots=True, kw_only=True)
class ListPanel(Panel):
    """Documents themselves, ordered by ``@timestamp``."""

    columns: tuple[Column, ...]
    newest_first: bool = True
    size: int = 50
    width: int = FULL


@dataclass(frozen=True, slots=True, kw_only=True)
class TextPanel(Panel):
    """Words in Markdown."""

    text: str
    width: int = FULL


class Told(StrEnum):
    """What no search can tell, because it is kept as state or known beforehand."""

    SOURCES = "sources"
    """Each source: state, last success, lag, covered share."""
    HOLES = "holes"
    """Each stretch of time that was not read, and why."""
    GAPS = "gaps"
    """What could not be read: gaps of our sources, with periods."""
    NOT_COLLECTED = "not_collected"
    """What no account can read (``gaps/static.py``), of ``products``."""
    UNUSUAL = "unusual"
    """First-time actions and addresses and unusual hours of a person, by looking back."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldPanel(Panel):
    """What the program tells besides searches.

    Dashboards shows ``not_collected`` as text made from ``gaps/static.py`` and, of the others, ``text``.
    """

    told: Told
    text: str = ""
    products: tuple[str, ...] = ()
    width: int = FULL


AnyPanel = (
    MetricPanel
    | ColumnsPanel
    | BarsPanel
    | DonutPanel
    | TablePanel
    | HeatmapPanel
    | ListPanel
    | TextPanel
    | ToldPanel
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedSearch:
    """The answer to one question of an auditor, as a list of documents, newest first."""

    id: str
    title: str
    question: str
    where: tuple[Condition, ...]
    columns: tuple[Column, ...]
    index: Index = Index.EVENTS


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A page of panels."""

    id: str
    title: str
    description: str
    panels: tuple[AnyPanel, ...]
    searches: tuple[SavedSearch, ...] = ()
    one_person: bool = False
    """Only of use for one person: ask for ``--user``."""


class Filter(StrEnum):
    """By what every panel can be narrowed."""

    TIME = "time"
    PRODUCT = "product"
    PERSON = "person"
    GROUP = "group"
    ACTION = "action"
    OBJECT = "object"


OBEYS: Final = {
    Index.EVENTS: frozenset(Filter),
    Index.WINDOWS: frozenset({Filter.TIME, Filter.PRODUCT}),
    Index.QUARANTINE: frozenset({Filter.TIME, Filter.PRODUCT}),
}
"""A window and a row that could not be read have no person, action or object."""
