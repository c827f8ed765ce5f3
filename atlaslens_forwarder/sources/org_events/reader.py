"""Pages of ``GET /admin/v1/orgs/{orgId}/events-stream``.

Source: developer.atlassian.com/cloud/admin/organization/rest (Events). The stream is a window on
``processedAt``, both ends inclusive, oldest first; a request with a cursor needs nothing else. A cursor
comes with the last page too, so the end is an empty page, a page without cursor or with the one it was asked
with, or one that goes beyond the window.

Windows and not the cursor are kept between rounds: an event that is written down late is late in its own
time only, never in ``processedAt``; windows can be read again, side by side, and tell what was not read.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from atlaslens_forwarder.errors import AccessError, FormatError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.sources.source import Page

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from atlaslens_forwarder.cursor.window import Window
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.source import SourceContext

PAGE_ROWS: Final = 500
_HINT: Final = (
    "needs Atlassian Guard Standard and an organisation API key without scopes that has not expired; "
    "check ORGANISATION__ID and ORGANISATION__API_KEY, or remove them"
)


class StreamReader:
    """The events of one organisation."""

    def __init__(self, context: SourceContext) -> None:
        self._client = context.client
        self._organisation_id = context.organisation_id

    async def prove_access(self) -> None:
        """See :meth:`Reader.prove_access`; what an organisation without Guard is told, is told as no plan."""
        await self._ask({"limit": 1, "sortOrder": "asc"})

    async def pages(self, window: Window) -> AsyncGenerator[Page]:
        """See :meth:`Reader.pages`."""
        query: dict[str, str | int] = {
            "from": window.from_ms,
            "to": window.to_ms,
            "sortOrder": "asc",
            "limit": PAGE_ROWS,
        }
        read_ms = window.from_ms - 1
        while True:
            rows, cursor = await self._ask(query)
            page, last_ms = self._page(rows, window)
            goes_on = bool(rows and cursor) and cursor != query.get("cursor") and last_ms <= window.to_ms
            # More of the last millisecond may follow.
            read_ms = max(read_ms, last_ms)
            done_ms = read_ms - 1 if goes_on else window.to_ms
            page.delivered = (window.from_ms, done_ms) if done_ms >= window.from_ms else None
            yield page
            if not goes_on:
                return
            query = {"cursor": cursor, "limit": PAGE_ROWS}

    def _page(self, rows: list[JsonValue], window: Window) -> tuple[Page, int]:
        """The rows of the window, and when the last row was processed, as far as known."""
        kept: list[RawRow] = []
        without_event: Counter[str] = Counter()
        last_ms = window.from_ms - 1
        for row in rows:
            processed_ms = _time(row, "processedAt")
            if processed_ms is not None:
                last_ms = max(last_ms, processed_ms)
                if not window.from_ms <= processed_ms <= window.to_ms:
                    without_event["outside_window"] += 1
                    continue
            data: JsonObject = {"organisation_id": self._organisation_id, "event": row}
            kept.append(RawRow(data, _identity(row), _time(row, "time")))
        return Page(len(rows), kept, without_event), last_ms

    async def _ask(self, query: dict[str, str | int]) -> tuple[list[JsonValue], str]:
        """The rows of a page and its cursor, empty where it has none."""
        path = f"/admin/v1/orgs/{quote(self._organisation_id, safe='')}/events-stream"
        try:
            answer = await self._client.get(Api.ORGANISATION, path, query, endpoint="org-events-stream")
        except AccessError as error:
            raise AccessError(
                "the organisation's events are not open to this key", status=SourceStatus.NO_PLAN, hint=_HINT
            ) from error
        value = answer.value
        rows = value.get("data") if isinstance(value, dict) else None
        if not isinstance(value, dict) or not isinstance(rows, list):
            raise FormatError("the answer has no list of events", status=SourceStatus.UNREADABLE)
        meta = value.get("meta")
        cursor = meta.get("next") if isinstance(meta, dict) else None
        return rows, cursor if isinstance(cursor, str) else ""


def _identity(row: JsonValue) -> str:
    """The id that Atlassian gave the event; a digest where it has none, for the quarantine."""
    id_ = row.get("id") if isinstance(row, dict) else None
    return id_ if isinstance(id_, str) and id_ else digest_hex(row)


def _time(row: JsonValue, name: str) -> int | None:
    attributes = row.get("attributes") if isinstance(row, dict) else None
    value = attributes.get(name) if isinstance(attributes, dict) else None
    try:
        return parse_iso_ms(value) if isinstance(value, str) else None
    except (ValueError, OverflowError):
        return None
