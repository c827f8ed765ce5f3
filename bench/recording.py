"""Pages of the simulator, asked once over HTTP and kept as the bytes that came.

Replaying a page costs one dictionary look-up and one ``json.loads``: what is left of a measurement is the
forwarder's own work. The readers are the product's own, so paging and identities are part of it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Never, cast

from atlaslens_forwarder.cursor.intervals import Intervals
from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.http.access import SiteAccess, TokenKind
from atlaslens_forwarder.http.client import Answer, open_http_client
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator import Simulator, WorldSpec
from atlaslens_forwarder.sources.confluence_audit.source import CONFLUENCE_AUDIT
from atlaslens_forwarder.sources.jira_audit.source import JIRA_AUDIT
from atlaslens_forwarder.sources.source import SourceContext

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from atlaslens_forwarder.http.access import Api
    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.sources.source import Reader, SourceSpec

SEED = 1
SITE = "acme"
SPAN_DAYS = 360
ROWS_PER_PAGE = 1000
WINDOWS_PER_SOURCE = 3
"""As many as the service reads side by side by default."""

FEEDS = {spec.name: spec for spec in (JIRA_AUDIT, CONFLUENCE_AUDIT)}
"""The sources that are measured: those that are read by the page, so that nothing but pages is recorded."""

PageKey = tuple[str, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class Recording:
    """Pages of one site and the windows that they fill."""

    context: EventContext
    windows: tuple[Window, ...]
    pages: dict[PageKey, bytes] = field(default_factory=dict)
    rows: int = 0
    """Rows that become events: those on the border of two pages count once."""

    @property
    def size_bytes(self) -> int:
        """Length of all answers together."""
        return sum(len(body) for body in self.pages.values())

    async def get(self, _api: Api, path: str, params: Mapping[str, str | int], *, endpoint: str) -> Answer:
        """Answer from the recording; has the form of :meth:`AtlassianClient.get`."""
        del endpoint
        return Answer(json.loads(self.pages[page_key(path, params)]), {})

    def reader(self, source: str) -> Reader:
        """The product's reader of a source, on recorded pages."""
        return _reader(FEEDS[source], cast("AtlassianClient", self), self.context)


class _Recorder:
    """Asks the simulator and keeps each body."""

    def __init__(self, recording: Recording, access: SiteAccess, http: httpx.AsyncClient) -> None:
        self._recording = recording
        self._access = access
        self._http = http

    async def get(self, api: Api, path: str, params: Mapping[str, str | int], *, endpoint: str) -> Answer:
        del endpoint
        response = await self._http.get(
            self._access.url(api, path),
            params=dict(params),
            headers={"Authorization": self._access.authorization},
        )
        response.raise_for_status()
        self._recording.pages[page_key(path, params)] = response.content
        return Answer(json.loads(response.content), {})


def page_key(path: str, params: Mapping[str, str | int]) -> PageKey:
    """What names a page: the address and everything asked."""
    return path, tuple(sorted((name, str(value)) for name, value in params.items()))


async def record(rows: int) -> Recording:
    """Read a world of ``rows`` events of all sources once, page by page."""
    now_ms = time.time_ns() // 1_000_000
    spec = WorldSpec(seed=SEED, size=rows, now_ms=now_ms, span_days=SPAN_DAYS, site=SITE)
    async with Simulator(spec) as simulator, open_http_client() as http:
        access = SiteAccess(
            name=SITE,
            site_url=simulator.url,
            gateway_url=simulator.url,
            cloud_id=simulator.cloud_id,
            kind=TokenKind.CLASSIC,
            email=simulator.credentials.email,
            token=simulator.credentials.classic_token,
        )
        recording = Recording(EventContext(SITE, simulator.url, simulator.cloud_id), _windows(now_ms))
        client = cast("AtlassianClient", _Recorder(recording, access, http))
        for feed in FEEDS.values():
            reader = _reader(feed, client, recording.context)
            for window in recording.windows:
                async for page in reader.pages(window):
                    recording.rows += len(page.rows)
    return recording


NOTHING_COVERED = Intervals()


class _Nothing:
    """The memory and the store of sources that need neither."""

    def __getattr__(self, name: str) -> Never:
        raise AssertionError(f"an audit feed needs no {name}")


def _reader(spec: SourceSpec, client: AtlassianClient, context: EventContext) -> Reader:
    nothing = cast("Any", _Nothing())
    return spec.open_reader(
        SourceContext(client, context, memory=nothing, known=nothing, clock=nothing, retention_ms=0)
    )


def _windows(now_ms: int) -> tuple[Window, ...]:
    length_ms = SPAN_DAYS * DAY_MS // WINDOWS_PER_SOURCE + 1
    newest_first = (now_ms - number * length_ms for number in range(WINDOWS_PER_SOURCE))
    return tuple(Window(to_ms - length_ms + 1, to_ms, Purpose.BACKFILL) for to_ms in newest_first)
