"""The demo: start, set up, sync twice, ask, export, verify. Prints nothing; the command line does."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder import private_file
from atlaslens_forwarder.demo.questions import (
    events_by_action,
    events_by_product,
    last_deeds,
    last_quarter,
    oddities,
    permission_changers,
)
from atlaslens_forwarder.demo.truth import expected_events
from atlaslens_forwarder.demo.world import (
    FREE_SITE,
    demo_faults,
    demo_settings,
    demo_spec,
    env_file_text,
    free_faults,
    free_spec,
)
from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.engine.ownership import FolderLock
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.filters import ExportFilter, View
from atlaslens_forwarder.evidence.layout import ReportFormat
from atlaslens_forwarder.evidence.store_check import compare_with_store, find_seal
from atlaslens_forwarder.evidence.verify import verify, with_store_checks
from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.service.asking import expand
from atlaslens_forwarder.service.exporting import export_evidence
from atlaslens_forwarder.service.forwarder import open_forwarder
from atlaslens_forwarder.service.overview import overview
from atlaslens_forwarder.service.results import round_json, totals_json
from atlaslens_forwarder.service.round import sync_once
from atlaslens_forwarder.service.seals.opening import open_sealer, seal_verifier
from atlaslens_forwarder.service.store_access import Account, open_as
from atlaslens_forwarder.service.view_file import write_all_views
from atlaslens_forwarder.simulator.server import Simulator
from atlaslens_forwarder.simulator.world.people import CONTRACTOR
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from atlaslens_forwarder.views.queries import Filters

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from atlaslens_forwarder.evidence.checks import VerifyReport
    from atlaslens_forwarder.evidence.export import ExportResult
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.service.forwarder import Forwarder
    from atlaslens_forwarder.service.store import Store
    from atlaslens_forwarder.settings import EngineSettings, Settings
    from atlaslens_forwarder.simulator.world.people import Person


PAGE_DAYS = 30
"""What the page of all views shows."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What runs while the demo lasts."""

    settings: Settings
    simulator: Simulator
    free: Simulator
    env_file: Path

    @property
    def contractor(self) -> Person:
        """Somebody from outside who works in all products."""
        return self.simulator.site.world.people.with_role(CONTRACTOR)[0]

    def site(self, name: str) -> Simulator:
        """The simulated site of this name in the settings."""
        return self.free if name == FREE_SITE else self.simulator


@dataclass(frozen=True, slots=True)
class Sealed:
    """The seal of the store, and whether the store was still as sealed when it was read again."""

    number: int
    hash: str
    documents: int
    as_sealed: bool


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything the demo has to tell."""

    first: JsonObject
    second: JsonObject
    truth: dict[str, int]
    by_product: dict[str, int]
    by_action: list[tuple[str, str, int]]
    quarter: tuple[int, int]
    changers: list[tuple[str, str, int, str]]
    contractor: tuple[int, list[tuple[str, ...]]]
    oddities: dict[str, int]
    overview: JsonObject
    sealed: Sealed
    exported: ExportResult
    report: VerifyReport
    page: Path

    @property
    def conserved(self) -> bool:
        """Whether every row of both rounds has exactly one outcome and the store equals the sites' truth.

        What could not be understood is kept in quarantine, and what a plan does not let us read was not read:
        both are counted, and stated.
        """
        rounds = [*self.first.values(), *self.second.values()]
        counted = all(isinstance(each, dict) and each["conserved"] is True for each in rounds)
        return counted and self.as_true == self.truth and self.stored == sum(self.by_product.values())

    @property
    def as_true(self) -> dict[str, int]:
        """Per source, the events that the first round stored or kept in quarantine."""
        return {
            name: _count(result, "stored") + _count(result, "quarantined")
            for name, result in self.first.items()
            if name in self.truth and isinstance(result, dict)
        }

    @property
    def quarantined(self) -> int:
        """Rows of the first round that could not be understood."""
        return _count(totals_json(self.first.values()), "quarantined")

    @property
    def stored(self) -> int:
        """Events stored by the first round."""
        return _count(totals_json(self.first.values()), "stored")

    @property
    def second_stored(self) -> int:
        """Events stored by the second round: none, if nothing is ever stored twice."""
        return _count(totals_json(self.second.values()), "stored")

    def to_json(self) -> JsonObject:
        """What ``demo --json`` prints."""
        return {
            "stored": self.stored,
            "second_sync_stored": self.second_stored,
            "by_product": {**self.by_product},
            "conservation": self.conserved,
            "seal": {
                "number": self.sealed.number,
                "documents": self.sealed.documents,
                "verified": self.sealed.as_sealed,
            },
            "export": {
                "path": str(self.exported.path),
                "count": self.exported.count,
                "verified": self.report.ok,
            },
        }


@asynccontextmanager
async def open_stage(
    folder: Path,
    engine: EngineSettings,
    cache_dir: Path,
    *,
    seed: int,
    size: int,
    clock: Callable[[], int],
    progress: Callable[[str], None],
) -> AsyncIterator[Stage]:
    """An empty OpenSearch, two made-up sites and settings that join them, in a folder made anew.

    Raises:
        ConfigError: the folder cannot be made anew.
        EngineError: OpenSearch cannot be started, or another demo uses the folder.
    """
    await _make_anew(folder)
    async with (
        EmbeddedOpenSearch.open(
            data_dir=folder / "opensearch",
            cache_dir=cache_dir,
            heap_mb=engine.heap_mb,
            progress=progress,
            quick_start=True,
        ) as node,
        Simulator(demo_spec(seed, size, clock()), faults=demo_faults()) as simulator,
        Simulator(free_spec(seed, clock()), faults=free_faults()) as free,
    ):
        installed = engine.model_copy(update={"cache_dir": cache_dir})
        settings = demo_settings(folder, installed, node.url, simulator, free)
        env_file = folder / "demo.env"
        with os.fdopen(os.open(env_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(env_file_text(settings))
        yield Stage(settings, simulator, free, env_file)


async def _make_anew(folder: Path) -> None:
    lock_file = folder / "opensearch" / "node.lock"
    try:
        if await asyncio.to_thread(lock_file.exists):
            lock = FolderLock(lock_file)
            await lock.acquire()  # refuses while the node of another demo lives on this folder
            lock.release()
        if await asyncio.to_thread(folder.exists):
            await asyncio.to_thread(shutil.rmtree, folder)
        await asyncio.to_thread(private_file.make_folder, folder, private_file.PASSAGE)
    except OSError as error:
        raise ConfigError(
            f"cannot make the folder {folder} anew", hint=error.strerror or "remove it"
        ) from error


async def perform(stage: Stage, clock: Callable[[], int], progress: Callable[[str], None]) -> Findings:
    """Set up, read twice, ask, export and verify.

    Raises:
        AtlaslensError: a step failed.
    """
    settings = stage.settings
    async with _set_up(settings, clock, progress) as forwarder:
        progress("first sync: a year of history")
        first = await _sync(forwarder)
        progress("second sync: nothing new is expected")
        second = await _sync(forwarder)
        store = forwarder.store
        quarter = last_quarter(clock())
        progress("sealing the store, and holding it against its seal")
        sealed = await _seal(store, settings, clock)
        progress("exporting and verifying the permission changes of last quarter")
        exported = await _export(forwarder, settings, quarter, clock)
        report = await asyncio.to_thread(
            verify,
            exported.path,
            origin=lambda event: origin_of(event, store.keyring),
            pins=[exported.key_id],
        )
        compared = [
            await compare_with_store(store.reader, exported.path),
            await find_seal(store.reader, exported.path),
        ]
        report = with_store_checks(report, compared)
        return Findings(
            first=first,
            second=second,
            truth=_truth(stage, first, clock() - settings.service.retention_days * DAY_MS),
            by_product=await events_by_product(store.reader),
            by_action=await events_by_action(store.reader),
            quarter=quarter,
            changers=await permission_changers(store.reader, *quarter),
            contractor=await last_deeds(store.reader, await _everything_of(store, stage.contractor, clock())),
            oddities=await oddities(store.reader),
            overview=await overview(store, settings.service.retention_days, clock),
            sealed=sealed,
            exported=exported,
            report=report,
            page=await _page(store, settings, clock),
        )


@asynccontextmanager
async def _set_up(
    settings: Settings, clock: Callable[[], int], progress: Callable[[str], None]
) -> AsyncIterator[Forwarder]:
    """A forwarder whose store has just been set up."""
    progress("setting up indices")
    async with open_as(settings, Account.ADMIN) as client:
        await apply_plan(client, await make_plan(client, SetupOptions(now_ms=clock())))
    async with open_forwarder(settings, Telemetry(Metrics()), clock) as forwarder:
        yield forwarder


async def _sync(forwarder: Forwarder) -> JsonObject:
    reports = await sync_once(forwarder, asyncio.Event())
    return {str(connector): round_json(report) for connector, report in reports.items()}


async def _seal(store: Store, settings: Settings, clock: Callable[[], int]) -> Sealed:
    async with open_sealer(settings, store, Telemetry(Metrics()), clock) as sealer:
        signed = await sealer.make()
    verdict = await seal_verifier(settings, store, clock).verify([])
    return Sealed(signed.seal.number, signed.hash, signed.seal.documents, verdict.ok)


async def _export(
    forwarder: Forwarder, settings: Settings, quarter: tuple[int, int], clock: Callable[[], int]
) -> ExportResult:
    folder = settings.data_dir / "evidence"
    private_file.make_folder(folder)
    return await export_evidence(
        forwarder.store,
        ExportFilter(View.PERMISSIONS, *quarter),
        [ReportFormat.CSV, ReportFormat.PDF],
        folder / "permission-changes.zip",
        signing_path=settings.signing_path,
        clock=clock,
    )


async def _page(store: Store, settings: Settings, clock: Callable[[], int]) -> Path:
    """All views of the last month as one page for a browser."""
    file = settings.data_dir / "evidence" / "views.html"
    last_month = Filters(from_ms=clock() - PAGE_DAYS * DAY_MS, to_ms=clock())
    await write_all_views(
        store, file, last_month, retention_days=settings.service.retention_days, clock=clock
    )
    return file


async def _everything_of(store: Store, person: Person, now_ms: int) -> JsonObject:
    """The query for all events of a person, by every id that is known now."""
    users, _ = await expand(store.people, [person.account_id], [])
    return ExportFilter(View.TIMELINE, 0, now_ms, users=users).to_query()


def _truth(stage: Stage, first: JsonObject, oldest_ms: int) -> dict[str, int]:
    """What each source that was let in must have found, counted by the sites themselves."""
    truth: dict[str, int] = {}
    for connector, result in first.items():
        site, _, source = connector.partition(":")
        refused = isinstance(result, dict) and result["status"] == SourceStatus.NO_PLAN.value
        if source != PEOPLE and not refused:
            truth[connector] = expected_events(stage.site(site), source, oldest_ms)
    return truth


def _count(totals: JsonObject, key: str) -> int:
    found = totals[key]
    return found if isinstance(found, int) else 0
