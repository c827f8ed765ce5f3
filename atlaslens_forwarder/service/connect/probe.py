"""Asks for each source whether it can be read, by the same code that reads it later, and stores nothing."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

from atlaslens_forwarder.errors import ConfigError, SourceError
from atlaslens_forwarder.http.budget import FairBudget
from atlaslens_forwarder.http.client import AtlassianClient
from atlaslens_forwarder.http.retry import RetryPolicy
from atlaslens_forwarder.http.tenant import ask_cloud_id
from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.service.forwarder import is_set_up
from atlaslens_forwarder.service.site import access_of, budget_of
from atlaslens_forwarder.sources.needs import needs_of, remedy
from atlaslens_forwarder.sources.people.jira import JiraPeople
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Service, SourceContext

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping, Sequence

    import httpx

    from atlaslens_forwarder.http.access import Access
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.settings import SiteSettings

NOT_SET_UP: Final = "not-set-up"
PATIENCE: Final = RetryPolicy(tries=2, first_wait_s=1.0, patience_s=10.0)
"""Somebody is waiting; and what is refused is never tried again in any case."""
MOST_REFUSED_LOGINS: Final = 2
"""After so many the credential is not used any more: failed logins lead to a CAPTCHA."""
_HOW_TO_SET_UP: Final = {
    Service.BITBUCKET: "give a Bitbucket token: connect --bitbucket-token-file",
    Service.ORGANISATION: "give an organisation API key: connect --organisation-id, --organisation-key-file",
}


@dataclass(frozen=True, slots=True)
class Probe:
    """What asking for one source proved: its status, why, and what would change it."""

    source: str
    title: str
    status: str
    message: str = ""
    remedy: str = ""
    optional: bool = False

    @property
    def collected(self) -> bool:
        """Whether the source can be read."""
        return self.status == SourceStatus.OK.value

    @property
    def refused(self) -> bool:
        """Whether it is set up and yet cannot be read, and that is not to be expected."""
        return not self.collected and self.status != NOT_SET_UP and not self.optional

    def to_json(self) -> JsonObject:
        """JSON form of reports."""
        return {
            "source": self.source,
            "title": self.title,
            "collected": self.collected,
            "status": self.status,
            "message": self.message,
            "remedy": self.remedy,
        }


class _Proving(Protocol):
    """What tells whether something can be read."""

    async def prove_access(self) -> None:
        """Return when it can; raises ``SourceError`` otherwise."""


@dataclass(frozen=True, slots=True)
class _Target:
    """What can be probed: a source, or the people of a site."""

    name: str
    title: str
    service: Service
    open_reader: Callable[[SourceContext], _Proving]


_TARGETS: Final[Mapping[str, _Target]] = {
    **{
        spec.name: _Target(spec.name, spec.title, spec.service, spec.open_reader) for spec in SOURCES.values()
    },
    PEOPLE: _Target(
        PEOPLE, "Users, groups and members", Service.SITE, lambda context: JiraPeople(context.client)
    ),
}


class Quiet:
    """An observer of requests that tells nobody."""

    def request_done(self, *, site: str, endpoint: str, outcome: str, duration_s: float) -> None:
        """Say nothing."""

    def request_waits(self, *, site: str, endpoint: str, reason: str, wait_s: float) -> None:
        """Say nothing."""

    def budget_opened(self, *, site: str, service: str, budget: FairBudget) -> None:
        """Say nothing."""


class Prober:
    """Probes the sources of sites.

    Args:
        http: the HTTP client.
        clock: the present, epoch milliseconds.
        retention_days: how far back events are kept.
    """

    def __init__(self, http: httpx.AsyncClient, clock: Callable[[], int], retention_days: int) -> None:
        self._http = http
        self._clock = clock
        self._retention_ms = retention_days * DAY_MS

    def client(self, access: Access, settings: SiteSettings, service: Service) -> AtlassianClient:
        """A client for probing, which gives up soon."""
        return AtlassianClient(
            access,
            self._http,
            budget=FairBudget(budget_of(settings, service)),
            observer=Quiet(),
            clock=self._clock,
            policy=PATIENCE,
        )

    async def probe(self, name: str, settings: SiteSettings, sources: Sequence[str] = ()) -> list[Probe]:
        """Every source of a site, or those that are named, one after the other; failures are in the result.

        Raises:
            ConfigError: the settings name an unknown source.
        """
        for source in settings.sources:
            if source not in _TARGETS:
                raise ConfigError(
                    f"site {name} names an unknown source {source}", hint=f"known are {', '.join(_TARGETS)}"
                )
        chosen = [_TARGETS[source] for source in (sources or settings.sources or _TARGETS)]
        try:
            cloud_id = settings.cloud_id or await ask_cloud_id(self._http, settings.url)
        except SourceError as error:
            return [_failed(target, error) for target in chosen]
        context = EventContext(site=name, site_url=settings.url, cloud_id=cloud_id)
        clients: dict[Service, AtlassianClient] = {}
        refusals: Counter[Service] = Counter()
        found: list[Probe] = []
        for spec in chosen:
            if not is_set_up(spec.service, settings):
                how = _HOW_TO_SET_UP[spec.service]
                found.append(Probe(spec.name, spec.title, NOT_SET_UP, "no credential is set", how))
                continue
            if refusals[spec.service] >= MOST_REFUSED_LOGINS:
                found.append(_not_asked(spec))
                continue
            if spec.service not in clients:
                access = access_of(name, settings, spec.service, cloud_id)
                clients[spec.service] = self.client(access, settings, spec.service)
            probe = await self._prove(spec, clients[spec.service], context, settings)
            refusals[spec.service] += probe.status == SourceStatus.EXPIRED.value
            found.append(probe)
        return found

    async def _prove(
        self, spec: _Target, client: AtlassianClient, context: EventContext, settings: SiteSettings
    ) -> Probe:
        reader = spec.open_reader(
            SourceContext(
                client=client.for_reader(spec.name),
                event=context,
                memory=NoMemory(),
                known=NothingKnown(),
                clock=self._clock,
                retention_ms=self._retention_ms,
                workspaces=settings.bitbucket.workspaces,
                organisation_id=settings.organisation.id,
            )
        )
        try:
            await reader.prove_access()
        except SourceError as error:
            return _failed(spec, error)
        return Probe(spec.name, spec.title, SourceStatus.OK.value)


class NoMemory:
    """A memory that is empty and stays so."""

    async def load(self, key: str) -> JsonObject | None:
        """Nothing."""
        del key
        return None

    async def save(self, key: str, value: JsonObject) -> None:
        """Forget it."""


class NothingKnown:
    """A store that holds nothing."""

    async def existing(self, ids: Sequence[str]) -> set[str]:
        """None of them."""
        del ids
        return set()

    async def find(
        self, terms: Mapping[str, Sequence[str]], fields: Sequence[str]
    ) -> AsyncIterator[JsonObject]:
        """No event."""
        del terms, fields
        nothing: tuple[JsonObject, ...] = ()
        for each in nothing:
            yield each


def _failed(spec: _Target, error: SourceError) -> Probe:
    return Probe(
        spec.name,
        spec.title,
        error.status.value,
        error.message,
        remedy(error.status, needs_of(spec.name, spec.service), error.hint),
        # Without Guard the organisation's events are a gap, as is said of it, and no failure.
        optional=spec.service is Service.ORGANISATION,
    )


def _not_asked(spec: _Target) -> Probe:
    return Probe(
        spec.name,
        spec.title,
        SourceStatus.EXPIRED.value,
        "not asked: this credential was refused before",
        "make a new token",
    )
