"""What a panel has to show: figures and words, ready to be drawn by anything. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.views.model import Unit

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.model import AnyPanel, View
    from atlaslens_forwarder.views.queries import Filters


@dataclass(frozen=True, slots=True)
class Cell:
    """Words in a table or a chart.

    ``id`` is what stands behind a name; ``link`` an address in Atlassian; ``number`` the value of a number.
    """

    text: str
    id: str = ""
    link: str = ""
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """One number; None where there is nothing to make it of."""

    value: float | None
    unit: Unit = Unit.NUMBER


@dataclass(frozen=True, slots=True)
class Columns:
    """Stacked columns: ``values[name][position]`` at ``times[position]``, each ``interval_ms`` wide."""

    times: tuple[int, ...]
    interval_ms: int
    names: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """Names with values, the greatest first: bars, or a donut; ``others`` is what is in none of them."""

    rows: tuple[tuple[Cell, float], ...]
    unit: Unit = Unit.NUMBER
    others: float = 0


@dataclass(frozen=True, slots=True)
class Grid:
    """Heat: ``values[y][x]``."""

    xs: tuple[str, ...]
    ys: tuple[str, ...]
    values: tuple[tuple[float, ...], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of cells; ``left_out`` rows exist beyond them."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class Words:
    """Text for people."""

    text: str


Content = Figure | Columns | Shares | Grid | Table | Words


@dataclass(frozen=True, slots=True)
class ShownPanel:
    """A panel with its content; None where there is nothing to show.

    ``not_read``: nothing was found, and these sources, all that could bring it, were not read in that time.
    """

    panel: AnyPanel
    content: Content | None
    not_read: tuple[str, ...] = ()

    @property
    def missing(self) -> str:
        """Why there is nothing to show; empty where there is something."""
        if self.not_read:
            return f"Not collected: nothing was read of {', '.join(self.not_read)} in this time."
        nothing = self.content is None or (isinstance(self.content, Figure) and not self.content.value)
        return self.panel.empty if nothing else ""


@dataclass(frozen=True, slots=True)
class ShownView:
    """A view with all its panels."""

    view: View
    panels: tuple[ShownPanel, ...]


@dataclass(frozen=True, slots=True)
class Facts:
    """What a reader must know to judge the figures.

    Args:
        asked: the filters in the words of whoever asked, ``(name, value)``.
        unheeded: filters that windows and quarantine cannot obey.
        coverage: what was read of the time, see ``service/coverage.py``.
        gaps: open or past gaps of sources in that time, see ``service/gap_report.py``.
    """

    filters: Filters
    asked: tuple[tuple[str, str], ...]
    made_ms: int
    tool_version: str
    store: str
    append_only: bool
    coverage: JsonObject = field(default_factory=dict)
    gaps: tuple[JsonObject, ...] = ()
    unheeded: tuple[str, ...] = ()
