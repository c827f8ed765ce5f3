"""The window ledger: one append-only row per window read, also for those that failed.

A row's ``_id`` is the connector and a running number. The number is taken from the cursor; where a crash
or another forwarder used it already, the next one is taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.privacy.origin import stamp
from atlaslens_forwarder.sink.bulk import BulkItem, Delivery
from atlaslens_forwarder.storage.names import Family, month_index

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.pipeline.ports import Months, Sink
    from atlaslens_forwarder.pipeline.report import WindowReport
    from atlaslens_forwarder.privacy.keyring import Keyring

NUMBER_TRIES = 100


class Ledger:
    """Appends rows to ``atlaslens-windows-YYYY.MM``, by the month in which the window was read."""

    def __init__(self, sink: Sink, months: Months, keyring: Keyring) -> None:
        self._sink = sink
        self._months = months
        self._keyring = keyring

    async def append(self, report: WindowReport, number: int) -> int:
        """Append a row under ``number`` or the next free one; returns the number taken.

        Raises:
            StoreError: the row is not stored.
        """
        index = month_index(Family.WINDOWS, report.finished_ms)
        await self._months.ensure_months([index])
        for candidate in range(number, number + NUMBER_TRIES):
            document = _document(report, candidate)
            stamp(document, self._keyring)
            row_id = f"{report.connector}:{candidate:010d}"
            (result,) = await self._sink.create([BulkItem(index, row_id, document)])
            if result.outcome is Delivery.STORED:
                return candidate
            if result.outcome is Delivery.REJECTED:
                raise StoreError(f"the window ledger refused a row ({result.reason})", hint="run setup")
        raise StoreError(
            "the window ledger has no free number", hint="another forwarder writes very fast; look for it"
        )


def _document(report: WindowReport, number: int) -> JsonObject:
    tally = report.tally
    window: JsonObject = {
        "id": f"{report.connector}:{number:010d}",
        "number": number,
        "connector": str(report.connector),
        "site": report.connector.site,
        "source": report.connector.source,
        "purpose": report.window.purpose.value,
        "from": iso_ms(report.window.from_ms),
        "to": iso_ms(report.window.to_ms),
        "from_ms": report.window.from_ms,
        "to_ms": report.window.to_ms,
        "started": iso_ms(report.started_ms),
        "finished": iso_ms(report.finished_ms),
        "duration_ms": report.finished_ms - report.started_ms,
        "pages": tally.pages,
        "rows": tally.rows,
        "rows_without_event": dict(tally.without_event),
        "events": tally.events,
        "stored": tally.stored,
        "repeat": tally.repeat,
        "conflict": tally.conflict,
        "quarantined": tally.quarantined,
        "skipped_retention": tally.skipped,
        "late": tally.late,
        "access_proven": report.access_proven,
        "end_reached": report.end_reached,
        "complete": report.complete,
        "covered": report.covered,
        "read": [{"from_ms": from_ms, "to_ms": to_ms} for from_ms, to_ms in report.read],
        "forwarder_version": __version__,
    }
    if report.error is not None:
        window["error"] = {"type": type(report.error).__name__, "message": report.error.message}
    return {"@timestamp": iso_ms(report.finished_ms), "event": {}, "window": window}
