"""Live progress of a round on stderr, one line per connector, when that is a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from rich.progress import TaskID

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.connector import ConnectorId
    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.pipeline.tally import Tally


class RoundProgress:
    """Counts rows and stored events per connector; silent when stderr is no terminal."""

    def __init__(self) -> None:
        console = Console(stderr=True)
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}"),
            TextColumn("{task.fields[rows]:,} rows, {task.fields[stored]:,} stored"),
            TimeElapsedColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._tasks: dict[str, TaskID] = {}
        self._counts: dict[str, tuple[int, int]] = {}

    def __enter__(self) -> Self:
        """Begin to draw."""
        self._progress.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Stop and clear the lines."""
        self._progress.stop()

    def page_done(self, connector: ConnectorId, _window: Window, tally: Tally) -> None:
        """Count a page."""
        rows, stored = self._counts.get(str(connector), (0, 0))
        self._show(str(connector), rows + tally.rows, stored + tally.stored)

    def answered(self, connectors: JsonValue) -> None:
        """Show what another process has answered to a request."""
        if isinstance(connectors, dict):
            for connector, result in connectors.items():
                match result:
                    case {"rows": int(rows), "stored": int(stored)}:
                        self._show(connector, rows, stored)
                    case _:
                        self._show(connector, 0, 0)

    def _show(self, connector: str, rows: int, stored: int) -> None:
        self._counts[connector] = (rows, stored)
        if connector not in self._tasks:
            self._tasks[connector] = self._progress.add_task(connector, total=None, rows=0, stored=0)
        self._progress.update(self._tasks[connector], rows=rows, stored=stored)
