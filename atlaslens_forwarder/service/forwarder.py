"""The composition root: from settings to connectors that can be run. The only place that knows every part."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from atlaslens_forwarder.cursor.plan import plan_poll, plan_round
from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.gaps.reasons import GapReason
from atlaslens_forwarder.http.client import open_http_client
from atlaslens_forwarder.http.retry import RetryPolicy
from atlaslens_forwarder.model.connector import PEOPLE, ConnectorId
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.pipeline.ingest import Ingest
from atlaslens_forwarder.pipeline.open_quarantine import open_span
from atlaslens_forwarder.pipeline.steps import nothing
from atlaslens_forwarder.service.connector import Connector, Opened
from atlaslens_forwarder.service.gap_store import GapStore
from atlaslens_forwarder.service.gap_watch import GapWatch, Unread
from atlaslens_forwarder.service.people_job import PeopleJob
from atlaslens_forwarder.service.site import Site
from atlaslens_forwarder.service.store import Store, open_store
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Service, SourceContext, Style
from atlaslens_forwarder.storage.memory import SourceMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from atlaslens_forwarder.pipeline.steps import OnStep
    from atlaslens_forwarder.service.connector import Runnable
    from atlaslens_forwarder.settings import Settings, SiteSettings
    from atlaslens_forwarder.sources.source import SourceSpec
    from atlaslens_forwarder.telemetry.observer import Telemetry

_PLANS = {Style.WINDOWS: plan_round, Style.POLLS: plan_poll}


@dataclass(frozen=True, slots=True)
class Forwarder:
    """A store and the connectors that fill it."""

    store: Store
    sites: dict[str, Site]
    connectors: dict[ConnectorId, Runnable]


def connector_ids(settings: Settings, wanted: Sequence[str] = ()) -> list[ConnectorId]:
    """The connectors that are configured, or those of them that were asked for.

    Args:
        settings: all settings.
        wanted: source names (``jira-audit``) or connectors (``acme:jira-audit``); empty means all.

    Raises:
        ConfigError: no site is set, or a name is unknown.
    """
    if not settings.sites:
        raise ConfigError(
            "no Atlassian site is set",
            hint="run atlaslens-forwarder connect, or set ATLASLENS_SITES__<NAME>__URL and its token",
        )
    found: list[ConnectorId] = []
    for name, site in sorted(settings.sites.items()):
        for source in site.sources or (*SOURCES, PEOPLE):
            if source == PEOPLE:
                found.append(ConnectorId(name, source))
                continue
            if source not in SOURCES:
                raise ConfigError(
                    f"site {name} names an unknown source {source}",
                    hint=f"known are {', '.join((*SOURCES, PEOPLE))}",
                )
            if is_set_up(SOURCES[source].service, site):
                found.append(ConnectorId(name, source))
            elif site.sources:
                service = SOURCES[source].service
                raise ConfigError(
                    f"site {name} names the source {source}, but no {service.value} is set",
                    hint=f"set ATLASLENS_SITES__{name.upper()}__{service.name}__…, see .env.example",
                )
    for name in wanted:
        if not any(name in (connector.source, str(connector)) for connector in found):
            known = sorted(
                {connector.source for connector in found} | {str(connector) for connector in found}
            )
            raise ConfigError(f"no source is called {name}", hint=f"known are {', '.join(known)}")
    return [each for each in found if not wanted or each.source in wanted or str(each) in wanted]


def is_set_up(service: Service, site: SiteSettings) -> bool:
    """Whether the settings of a site have what a service's sources are read with."""
    match service:
        case Service.BITBUCKET:
            return bool(site.bitbucket.workspaces)
        case Service.ORGANISATION:
            return bool(site.organisation.id)
        case _:
            return True


def unread_connectors(settings: Settings) -> list[Unread]:
    """The connectors of our sites that the settings leave out, and why."""
    found: list[Unread] = []
    for name, site in sorted(settings.sites.items()):
        for source, spec in SOURCES.items():
            if not is_set_up(spec.service, site):
                found.append(Unread(ConnectorId(name, source), GapReason.NOT_SET_UP))
            elif site.sources and source not in site.sources:
                found.append(Unread(ConnectorId(name, source), GapReason.SWITCHED_OFF))
    return found


@asynccontextmanager
async def open_forwarder(
    settings: Settings,
    telemetry: Telemetry,
    clock: Callable[[], int],
    *,
    wanted: Sequence[str] = (),
    on_step: OnStep = nothing,
) -> AsyncIterator[Forwarder]:
    """Everything from settings to connectors, closed again at the end.

    Raises:
        ConfigError: settings or keys cannot be used.
        StoreError: OpenSearch is not set up.
        UnreachableError: OpenSearch does not answer.
    """
    ids = connector_ids(settings, wanted)
    async with AsyncExitStack() as stack:
        store = await stack.enter_async_context(open_store(settings, clock, telemetry))
        await store.keys.check()
        http = await stack.enter_async_context(open_http_client())
        policy = RetryPolicy(first_wait_s=settings.service.retry_first_wait_s)
        sites = {
            name: Site(name, site, http, state=store.state, observer=telemetry, clock=clock, policy=policy)
            for name, site in settings.sites.items()
        }
        connectors: dict[ConnectorId, Runnable] = {
            connector: _connector(
                connector, sites[connector.site], store, settings, telemetry, clock, on_step
            )
            for connector in ids
        }
        yield Forwarder(store, sites, connectors)


def _connector(  # noqa: PLR0917  internal
    connector: ConnectorId,
    site: Site,
    store: Store,
    settings: Settings,
    telemetry: Telemetry,
    clock: Callable[[], int],
    on_step: OnStep,
) -> Runnable:
    if connector.source == PEOPLE:
        return PeopleJob(
            connector,
            site,
            store.people,
            client=store.reader,
            state=store.state,
            telemetry=telemetry,
            clock=clock,
        )
    spec = SOURCES[connector.source]
    service = settings.service
    retention_ms = service.retention_days * DAY_MS

    async def opened() -> Opened:
        ingest = await open_ingest(connector, spec, site, store, telemetry, clock, retention_ms, on_step)
        context = SourceContext(
            client=(await site.client(spec.service)).for_reader(connector.source),
            event=await site.context(),
            memory=SourceMemory(store.state, connector),
            known=store.known,
            clock=clock,
            retention_ms=retention_ms,
            workspaces=site.workspaces,
            organisation_id=site.organisation_id,
        )
        return Opened(spec.open_reader(context), ingest)

    return Connector(
        connector,
        spec.policy.within(retention_ms, service.backfill_slice_days * DAY_MS),
        _PLANS[spec.style],
        opened,
        state=store.state,
        ledger=store.ledger,
        telemetry=telemetry,
        watch=GapWatch(
            connector,
            spec,
            retention_ms,
            unread_connectors(settings) if connector == connector_ids(settings)[0] else (),
            GapStore(store.state, clock),
            store.state,
            partial(open_span, store.reader),
            telemetry,
            clock,
        ),
        clock=clock,
        parallel_windows=service.parallel_windows,
        on_step=on_step,
    )


async def open_ingest(  # noqa: PLR0917  the parts of an ingest
    connector: ConnectorId,
    spec: SourceSpec,
    site: Site,
    store: Store,
    telemetry: Telemetry,
    clock: Callable[[], int],
    retention_ms: int,
    on_step: OnStep = nothing,
) -> Ingest:
    """The ingest of one connector, whose site must be known.

    Raises:
        SourceError: the site's cloud id is not known.
    """
    context = await site.context()
    return Ingest(
        connector,
        spec,
        context,
        sink=store.sink,
        months=store.months,
        quarantine=store.quarantine,
        known=store.known,
        keyring=store.keyring,
        clock=clock,
        retention_ms=retention_ms,
        observer=telemetry,
        on_step=on_step,
        groups_of=await store.people.groups_at_hand(context.cloud_id),
        names=not store.seal_names,
    )
