"""One Atlassian site: its credentials, their budgets, and its cloud id, which names all its events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import AccessError, FencedError
from atlaslens_forwarder.http.access import BitbucketAccess, OrganisationAccess, SiteAccess, TokenKind
from atlaslens_forwarder.http.budget import FairBudget, per_rolling, per_second
from atlaslens_forwarder.http.client import AtlassianClient
from atlaslens_forwarder.http.tenant import ask_cloud_id
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.source import Service

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx
    from aiolimiter import AsyncLimiter

    from atlaslens_forwarder.http.access import Access
    from atlaslens_forwarder.http.client import RequestObserver
    from atlaslens_forwarder.http.retry import RetryPolicy
    from atlaslens_forwarder.settings import SiteSettings
    from atlaslens_forwarder.storage.state import StateStore

KIND = "site"
HOUR_S = 3600.0
MINUTE_S = 60.0
ORGANISATION_PER_MINUTE = 10
"""Requests a minute that the organisation's events allow (changelog of the admin API, May 2025)."""


class Site:
    """Opens the clients of a site, one for each credential, once its cloud id is known.

    The cloud id is remembered in the state index: a site that is down at start can still be told apart,
    and a site whose id has changed is another site, whose events must not be mixed with the old one's.
    """

    def __init__(
        self,
        name: str,
        settings: SiteSettings,
        http: httpx.AsyncClient,
        *,
        state: StateStore,
        observer: RequestObserver,
        clock: Callable[[], int],
        policy: RetryPolicy,
    ) -> None:
        self.name = name
        self._settings = settings
        self._http = http
        self._state = state
        self._observer = observer
        self._clock = clock
        self._policy = policy
        self._lock = asyncio.Lock()
        self._known_cloud_id = ""
        self._clients: dict[Service, AtlassianClient] = {}

    @property
    def workspaces(self) -> tuple[str, ...]:
        """The site's Bitbucket workspaces."""
        return self._settings.bitbucket.workspaces

    @property
    def organisation_id(self) -> str:
        """The organisation whose events are read, empty when none is set."""
        return self._settings.organisation.id

    async def client(self, service: Service = Service.SITE) -> AtlassianClient:
        """The client with the credential of a service.

        Raises:
            SourceError: the cloud id is not known and the site does not tell it, or it is
                another one than before.
        """
        cloud_id = await self._cloud_id()
        if service not in self._clients:
            budget = FairBudget(budget_of(self._settings, service))
            self._observer.budget_opened(site=self.name, service=service.value, budget=budget)
            self._clients[service] = AtlassianClient(
                access_of(self.name, self._settings, service, cloud_id),
                self._http,
                budget=budget,
                observer=self._observer,
                clock=self._clock,
                policy=self._policy,
            )
        return self._clients[service]

    async def context(self) -> EventContext:
        """What normalisers need to know of the site; raises as :meth:`client` does."""
        return EventContext(site=self.name, site_url=self._settings.url, cloud_id=await self._cloud_id())

    async def _cloud_id(self) -> str:
        async with self._lock:
            if not self._known_cloud_id:
                self._known_cloud_id = await self._ask_cloud_id()
            return self._known_cloud_id

    async def _ask_cloud_id(self) -> str:
        doc = await self._state.load(f"{KIND}:{self.name}")
        known = str(doc.value.get("cloud_id", "")) if doc is not None else ""
        asked = self._settings.cloud_id or known or await ask_cloud_id(self._http, self._settings.url)
        if known and asked != known:
            raise AccessError(
                f"site {self.name} has another cloud id than the events stored under that name",
                status=SourceStatus.NO_PERMISSION,
                hint="give the new site a name of its own in the settings",
            )
        if doc is None:
            try:
                await self._state.save(f"{KIND}:{self.name}", KIND, {"cloud_id": asked}, None)
            except FencedError:
                return await self._ask_cloud_id()
        return asked


def access_of(name: str, settings: SiteSettings, service: Service, cloud_id: str) -> Access:
    """Address and credential of one of a site's services."""
    match service:
        case Service.BITBUCKET:
            bitbucket = settings.bitbucket
            token = bitbucket.api_token.get_secret_value()
            return BitbucketAccess(name, bitbucket.url, bitbucket.email, token)
        case Service.ORGANISATION:
            ours = settings.organisation
            return OrganisationAccess(name, ours.url, ours.id, ours.api_key.get_secret_value())
        case _:
            return SiteAccess(
                name=name,
                site_url=settings.url,
                gateway_url=settings.gateway_url,
                cloud_id=cloud_id,
                kind=TokenKind(settings.token_kind),
                email=settings.email,
                token=settings.api_token.get_secret_value(),
            )


def budget_of(settings: SiteSettings, service: Service) -> AsyncLimiter:
    """The request budget of one of a site's credentials."""
    match service:
        case Service.BITBUCKET:
            return per_rolling(settings.bitbucket.requests_per_hour, HOUR_S)
        case Service.ORGANISATION:
            return per_rolling(ORGANISATION_PER_MINUTE, MINUTE_S)
        case _:
            return per_second(settings.requests_per_second)
