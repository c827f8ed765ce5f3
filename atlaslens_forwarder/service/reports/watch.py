"""``run`` makes reports when they are due, makes up for missed ones, and tries again what failed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import FencedError
from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.service.coverage import coverage

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from atlaslens_forwarder.service.reports.calendar import Period
    from atlaslens_forwarder.service.reports.definition import Report
    from atlaslens_forwarder.service.reports.making import ReportMaker
    from atlaslens_forwarder.telemetry.observer import Telemetry

LOOK_MS: Final = MINUTE_MS
PATIENCE_MS: Final = 60 * MINUTE_MS
"""How long a report with holes waits for them to be read, from when this process first saw it due."""
HOLES: Final = "holes"


class ReportWatch:
    """Looks every minute which reports are due.

    Args:
        maker: makes them.
        reports: the definitions by name.
        telemetry: is told what was made, removed, and what failed.
        clock: the present, epoch milliseconds.
    """

    def __init__(
        self,
        maker: ReportMaker,
        reports: Mapping[str, Report],
        telemetry: Telemetry,
        clock: Callable[[], int],
    ) -> None:
        self._maker = maker
        self._reports = reports
        self._telemetry = telemetry
        self._clock = clock
        self._next_ms = 0
        self._seen_due_ms: dict[tuple[str, str], int] = {}
        for name in reports:
            telemetry.report_known(name)

    async def tick(self) -> None:
        """Make what is due, if a minute has passed; the failure of one report reaches no other."""
        if self._clock() < self._next_ms:
            return
        self._next_ms = self._clock() + LOOK_MS
        for report in self._reports.values():
            try:
                await self._look(report)
            except FencedError:
                continue  # another forwarder is at it; the next look tells
            except Exception as error:  # noqa: BLE001  one report must not keep the others from being made
                self._telemetry.report_failed(report.name, error)

    async def _look(self, report: Report) -> None:
        book = await self._maker.books.keep(await self._maker.books.open(report.name, self._clock()))
        for period in report.schedule.due(book.since_ms, self._clock()):
            book = await self._maker.books.open(report.name, self._clock())
            if not book.of(period.name).is_free(self._clock()):
                continue
            if self._maker.target(report, period).exists():
                await self._maker.adopt(book, period)
            elif not await self._waits(report, period):
                result = await self._maker.make(report, period)
                self._seen_due_ms.pop((report.name, period.name), None)
                self._telemetry.report_made(
                    report.name,
                    period.name,
                    count=result.count,
                    holes=result.claims.coverage.get("verdict") == HOLES,
                    at_ms=self._clock(),
                )
        for name in self._maker.remove_old(report):
            self._telemetry.report_removed(report.name, name)

    async def _waits(self, report: Report, period: Period) -> bool:
        """Whether time is missing that may still be read, and there is patience left."""
        now_ms = self._clock()
        seen_ms = self._seen_due_ms.setdefault((report.name, period.name), now_ms)
        if now_ms >= seen_ms + PATIENCE_MS:
            return False
        found = await coverage(self._maker.store, period.from_ms, period.to_ms, now_ms)
        return found["verdict"] == HOLES
