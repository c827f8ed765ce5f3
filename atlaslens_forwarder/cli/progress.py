"""Live progress of a round on stderr, one line per connector, when that is a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, ProgressColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from atlaslens_forwarder.service.progress import RoundCounts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import TracebackType
    from typing import Self

    from rich.progress import Task, TaskID

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonValue

UNKNOWN = "–"
MINUTE_S = 60
HOUR_S = 3600
NEARLY_ALL = 0.999
"""More is only shown once all is read: nothing is rounded up to the whole."""


class RoundProgress:
    """Shows how far each connector's round has come; silent when stderr is no terminal.

    It follows rounds of this process as the ``counts`` of a ``Telemetry``, and those of another by
    :meth:`answered`.
    """

    def __init__(self) -> None:
        console = Console(stderr=True)
        self.counts = _Followed(self._begun)
        self._answers: dict[str, JsonValue] = {}
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            _Told(self),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop and clear the lines."""
        self._progress.stop()

    def answered(self, connectors: JsonValue) -> None:
        """Show what another process has answered to a request."""
        if isinstance(connectors, dict):
            for connector, result in connectors.items():
                self._answers[connector] = result
                self._begun(connector)

    def line(self, connector: str) -> str:
        """What is told of a connector now."""
        found = self._answers.get(connector)
        return told(found if found is not None else self.counts.under_way().get(connector))

    def _begun(self, connector: str) -> None:
        if connector not in self._tasks:
            self._tasks[connector] = self._progress.add_task(connector, total=None)


class _Followed(RoundCounts):
    """Counts that tell which connector has anything to show."""

    def __init__(self, begun: Callable[[str], None]) -> None:
        super().__init__()
        self._begun = begun

    def round_planned(self, connector: ConnectorId, windows: Sequence[Window]) -> None:
        """Also begin to show it."""
        super().round_planned(connector, windows)
        self._begun(str(connector))


class _Told(ProgressColumn):
    """The line of a connector, made anew whenever it is drawn: time passes without pages too."""

    def __init__(self, progress: RoundProgress) -> None:
        super().__init__()
        self._shown = progress

    def render(self, task: Task) -> Text:
        """The line as it is now."""
        return Text(self._shown.line(task.description))


def told(progress: JsonValue) -> str:
    """``1,200 rows, 1,180 stored, 240 rows/s, 43.0 % read, 2 min left``; a dash for what is not known."""
    if not isinstance(progress, dict):
        return "nothing yet"
    rows, stored = progress.get("rows"), progress.get("stored")
    if not isinstance(rows, int) or not isinstance(stored, int):
        return "nothing yet"
    parts = [f"{rows:,} rows, {stored:,} stored"]
    if progress.get("status") != "running":
        return f"{parts[0]}, {progress.get('status', 'done')}"
    rate, share, left_s = (progress.get(name) for name in ("rows_per_s", "share", "left_s"))
    parts.append(f"{rate:,.0f} rows/s" if isinstance(rate, (int, float)) else f"{UNKNOWN} rows/s")
    parts.append(f"{_percent(share)} read")
    parts.append(f"{duration(left_s)} left")
    return ", ".join(parts)


def duration(seconds: JsonValue) -> str:
    """A stretch of time for people; a dash for none."""
    if not isinstance(seconds, (int, float)):
        return UNKNOWN
    if seconds < MINUTE_S:
        return f"{seconds:.0f} s"
    if seconds < HOUR_S:
        return f"{seconds / MINUTE_S:.0f} min"
    hours, rest_s = divmod(seconds, HOUR_S)
    return f"{hours:.0f} h {rest_s // MINUTE_S:02.0f} min"


def _percent(share: JsonValue) -> str:
    if not isinstance(share, (int, float)):
        return UNKNOWN
    return f"{share if share >= 1 else min(share, NEARLY_ALL):.1%}"
