"""A simulated site, the real store and the forwarder between them, with a clock that the test moves."""

from __future__ import annotations

import asyncio
import json
import os
import re
from collections import Counter
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr

from atlaslens_forwarder.cursor.state import Cursor
from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS, parse_iso_ms
from atlaslens_forwarder.pipeline.steps import nothing
from atlaslens_forwarder.service.coverage import coverage
from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.service.store import open_store
from atlaslens_forwarder.settings import (
    BitbucketSettings,
    EngineSettings,
    LogSettings,
    OpenSearchSettings,
    ServiceSettings,
    Settings,
    SiteSettings,
)
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, JIRA_AUDIT, FaultPlan, Simulator, WorldSpec
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.service.forwarder import Forwarder

SOURCES = (JIRA_AUDIT, CONFLUENCE_AUDIT)
WEIGHTS = {JIRA_AUDIT: 6, CONFLUENCE_AUDIT: 4}
NOW_MS = 1_795_420_800_000  # 2026-11-23T08:00:00Z, a Monday
AUDIT_PATHS = {
    JIRA_AUDIT: "/rest/api/3/auditing/record",
    CONFLUENCE_AUDIT: "/wiki/rest/api/audit",
}
_ADDRESS = re.compile(r"[^\s@\"<>,;:()\[\]/]+@[\w-]+(\.[\w-]+)+")
_BLINDED = re.compile(r"\[email:[0-9a-f]{8}:[0-9a-f]{32}\]")


class Clock:
    """Stands still until it is moved."""

    def __init__(self, now_ms: int = NOW_MS) -> None:
        self.now_ms = now_ms

    def __call__(self) -> int:
        return self.now_ms

    def forward(self, **parts: int) -> None:
        """Let minutes, hours or days pass."""
        for name, amount in parts.items():
            self.now_ms += amount * {"minutes": MINUTE_MS, "hours": 60 * MINUTE_MS, "days": DAY_MS}[name]


@dataclass
class Rig:
    """One site, one store, one forwarder."""

    simulator: Simulator
    settings: Settings
    clock: Callable[[], int]
    client: AsyncOpenSearch
    site: str

    @asynccontextmanager
    async def forwarder(self, **options: Any) -> AsyncIterator[Forwarder]:
        """The forwarder, opened."""
        async with open_forwarder(self.settings, Telemetry(Metrics()), self.clock, **options) as forwarder:
            yield forwarder

    async def sync(self, *, on_step=nothing, since_ms=None, wanted=(), stop=None) -> dict[str, Any]:
        """One round of all sources, as ``sync`` does it; reports by ``site:source``."""
        async with self.forwarder(on_step=on_step, wanted=wanted) as forwarder:
            reports = await sync_once(forwarder, stop or asyncio.Event(), since_ms)
        return {str(connector): report for connector, report in reports.items()}

    async def coverage(self, from_ms: int, to_ms: int, **options: Any) -> Any:
        """What the ledger proves of this time, by ``site:source``."""
        async with open_store(self.settings, self.clock) as store:
            return await coverage(store, from_ms, to_ms, self.clock(), **options)

    def report(self, reports: dict[str, Any], source: str) -> Any:
        """The report of one source of this site."""
        return reports[f"{self.site}:{source}"]

    async def docs(self, family: str, field: str = "atlassian.site") -> list[dict[str, Any]]:
        """All documents of this site in one family of indices."""
        await self.client.indices.refresh(index="atlaslens-*")
        answer = await self.client.search(
            index=f"atlaslens-{family}-*",
            body={"size": 10_000, "query": {"term": {field: self.site}}},
            params={"allow_no_indices": "true"},
        )
        assert answer["hits"]["total"]["value"] < 10_000
        return [hit["_source"] for hit in answer["hits"]["hits"]]

    async def events(self, source: str) -> list[dict[str, Any]]:
        """The stored events of a source."""
        provider = source.removesuffix("-audit")
        return [doc for doc in await self.docs("audit") if doc["event"]["provider"] == provider]

    async def windows(self, source: str) -> list[dict[str, Any]]:
        """The window ledger of a source, oldest row first."""
        rows = [doc["window"] for doc in await self.docs("windows", "window.site")]
        return sorted((row for row in rows if row["source"] == source), key=lambda row: row["number"])

    async def cursor(self, source: str) -> Cursor:
        """The stored cursor of a source."""
        found = await self.client.get(index="atlaslens-state", id=f"cursor:{self.site}:{source}")
        return Cursor.from_json(found["_source"]["state"])

    def truth(self, source: str) -> Counter[tuple[str, ...]]:
        """What the store must hold: every served row that is old enough to be read, as comparable facts."""
        site = self.simulator.site
        slots = site.feed(source).page(None, None, site.now_ms(), 0, 1_000_000)
        poisoned = {site.key(source, slot) for slot in slots if slot.poison}
        newest_ms = self.clock() - MINUTE_MS
        return Counter(
            _facts_of_row(source, row.key, row.at_ms, row.row)
            for row in self.simulator.truth(source)
            if row.at_ms <= newest_ms and row.key not in poisoned
        )

    async def stored(self, source: str) -> Counter[tuple[str, ...]]:
        """What the store holds, in the same form."""
        return Counter(_facts_of_event(source, doc) for doc in await self.events(source))

    async def assert_equals_truth(self) -> None:
        """Record by record, for every source."""
        for source in SOURCES:
            await self.assert_equals_truth_of(source)

    async def assert_equals_truth_of(self, source: str) -> None:
        """Record by record, for one source."""
        truth, stored = self.truth(source), await self.stored(source)
        missing, surplus = truth - stored, stored - truth
        assert not missing, f"{source}: {missing.total()} missing, such as {next(iter(missing))}"
        assert not surplus, f"{source}: {surplus.total()} too many, such as {next(iter(surplus))}"
        assert truth, f"{source} has no rows, which proves nothing"

    def pages(self, source: str) -> list[dict[str, Any]]:
        """Requests for pages of a source so far, without the probe that proves access."""
        return [
            request
            for request in self.simulator.requests
            if request["path"].endswith(AUDIT_PATHS[source]) and request["query"].get("limit") != "1"
        ]


def _facts_of_row(source: str, key: str, at_ms: int, row: dict[str, Any]) -> tuple[str, ...]:
    if source == JIRA_AUDIT:
        return (key, str(at_ms), row.get("authorAccountId", ""), row["summary"], _content(row))
    author = row["author"]
    actor = author.get("accountId", "")
    row = {**row, "author": {"accountId": actor} if actor else {"displayName": author["displayName"]}}
    return (str(at_ms), actor, row["summary"], _content(row))


def _facts_of_event(source: str, doc: dict[str, Any]) -> tuple[str, ...]:
    actor = doc.get("user", {}).get("id", "")
    original = _BLINDED.sub("[email]", _content(json.loads(doc["event"]["original"])))
    at_ms = str(parse_iso_ms(doc["@timestamp"]))
    facts = (at_ms, actor, doc["atlassian"]["summary"], original)
    return (doc["event"]["id"].rpartition(":")[2], *facts) if source == JIRA_AUDIT else facts


def _content(row: dict[str, Any]) -> str:
    return _ADDRESS.sub("[email]", json.dumps(row, sort_keys=True, ensure_ascii=False))


def query_ms(source: str, request: dict[str, Any]) -> int:
    """Where the window of a page request begins."""
    query = request["query"]
    return parse_iso_ms(query["from"]) if source == JIRA_AUDIT else int(query["startDate"])


def row_at(at_ms: int, source: str = JIRA_AUDIT, **row: Any) -> dict[str, Any]:
    """A row to add through the simulator's control."""
    return {"source": source, "rows": [{"at_ms": at_ms, "row": row}]}


def make_settings(
    folder: Path, opensearch_url: str, sites: dict[str, SiteSettings], **service: Any
) -> Settings:
    """Settings for tests; neither the environment nor a ``.env`` takes part."""
    options = {
        "listen_port": 0,
        "interval_s": 5,
        "retry_first_wait_s": 0.02,
        "backfill_slice_days": 120,
    } | service
    return Settings.model_construct(
        data_dir=folder,
        sites=sites,
        opensearch=OpenSearchSettings(url=opensearch_url),
        engine=EngineSettings(),
        service=ServiceSettings(**options),
        log=LogSettings(),
    )


def bitbucket_settings(simulator: Simulator, *workspaces: str) -> BitbucketSettings:
    """How to read a simulated site's Bitbucket."""
    credentials = simulator.credentials
    return BitbucketSettings(
        workspaces=workspaces,
        email=credentials.email,
        api_token=credentials.bitbucket_token,
        url=simulator.url,
        requests_per_hour=100_000,
    )


def site_settings(simulator: Simulator, **changes: Any) -> SiteSettings:
    """How to read a simulated site with its classic token: the audit logs, unless ``sources`` says more."""
    credentials = simulator.credentials
    options = {
        "sources": SOURCES,
        "url": simulator.url,
        "email": credentials.email,
        "api_token": SecretStr(credentials.classic_token),
        "requests_per_second": 200,
    } | changes
    return SiteSettings(**options)


class Rigs:
    """Opens rigs on the session's store; each has a site of its own, so they do not meet."""

    def __init__(self, stack: AsyncExitStack, client: AsyncOpenSearch, url: str, folder: Path) -> None:
        self._stack = stack
        self._opened = 0
        self.client = client
        self.url = url
        self.folder = folder

    async def simulator(
        self, site: str, clock: Callable[[], int], *, size=400, span_days=300, seed=5, **faults: Any
    ) -> Simulator:
        """A site whose history ends two minutes before the clock's present.

        ``issues``, ``pages`` and ``repositories`` make a world of activity; the rest are fault switches.
        """
        work = {name: faults.pop(name) for name in ("issues", "pages", "repositories") if name in faults}
        plan = faults.pop("plan", None) or FaultPlan(**({"bucket_size": 100_000} | faults))
        spec = WorldSpec(
            seed, size, clock() - 2 * MINUTE_MS, span_days=span_days, site=site, weights=WEIGHTS, **work
        )
        return await self._stack.enter_async_context(Simulator(spec, faults=plan, clock=clock))

    async def open(self, name: str, *, clock=None, service=None, site_changes=None, **world: Any) -> Rig:
        """A rig whose site is called ``name``; ``site_changes`` may be made from its simulator."""
        clock = clock or Clock()
        simulator = await self.simulator(name, clock, **world)
        changes = site_changes(simulator) if callable(site_changes) else site_changes or {}
        sites = {name: site_settings(simulator, **changes)}
        settings = make_settings(self.folder, self.url, sites, **(service or {}))
        return Rig(simulator, settings, clock, self.client, name)


def env_text(settings: Settings, **more: str) -> str:
    """Settings as an env file for another process."""
    values = {
        "DATA_DIR": settings.data_dir,
        "OPENSEARCH__URL": settings.opensearch.url,
        "SERVICE__LISTEN_PORT": settings.service.listen_port,
        "SERVICE__INTERVAL_S": settings.service.interval_s,
        "SERVICE__RETRY_FIRST_WAIT_S": settings.service.retry_first_wait_s,
        "SERVICE__BACKFILL_SLICE_DAYS": settings.service.backfill_slice_days,
    }
    for name, site in settings.sites.items():
        prefix = f"SITES__{name.upper()}__"
        values |= {
            f"{prefix}URL": site.url,
            f"{prefix}EMAIL": site.email,
            f"{prefix}API_TOKEN": site.api_token.get_secret_value(),
            f"{prefix}REQUESTS_PER_SECOND": site.requests_per_second,
            f"{prefix}SOURCES": json.dumps(site.sources),
        }
        if site.bitbucket.workspaces:
            values |= {
                f"{prefix}BITBUCKET__URL": site.bitbucket.url,
                f"{prefix}BITBUCKET__EMAIL": site.bitbucket.email,
                f"{prefix}BITBUCKET__API_TOKEN": site.bitbucket.api_token.get_secret_value(),
                f"{prefix}BITBUCKET__WORKSPACES": json.dumps(site.bitbucket.workspaces),
                f"{prefix}BITBUCKET__REQUESTS_PER_HOUR": site.bitbucket.requests_per_hour,
            }
    lines = [f"ATLASLENS_{name}={value}\n" for name, value in (values | more).items()]
    return "".join(lines)


def without_settings() -> dict[str, str]:
    """This process's environment without any setting of ours."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ATLASLENS_")}
