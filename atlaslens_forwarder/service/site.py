"""One Atlassian site: its credential, its budget, and its cloud id, which names all its events."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from aiolimiter import AsyncLimiter

from atlaslens_forwarder.errors import AccessError, FencedError
from atlaslens_forwarder.http.access import SiteAccess, TokenKind
from atlaslens_forwarder.http.client import AtlassianClient
from atlaslens_forwarder.http.tenant import ask_cloud_id
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    import httpx

    from atlaslens_forwarder.http.client import RequestObserver
    from atlaslens_forwarder.http.retry import RetryPolicy
    from atlaslens_forwarder.settings import SiteSettings
    from atlaslens_forwarder.storage.state import StateStore

KIND = "site"


class Site:
    """Opens the client of a site once its cloud id is known.

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
        self._budget = AsyncLimiter(
            max(1.0, settings.requests_per_second), max(1.0, 1 / settings.requests_per_second)
        )
        self._lock = asyncio.Lock()
        self._client: AtlassianClient | None = None

    async def client(self) -> AtlassianClient:
        """The site's client.

        Raises:
            SourceError: the cloud id is not known and the site does not tell it, or it is
                another one than before.
        """
        async with self._lock:
            if self._client is None:
                settings = self._settings
                self._client = AtlassianClient(
                    SiteAccess(
                        name=self.name,
                        site_url=settings.url,
                        gateway_url=settings.gateway_url,
                        cloud_id=await self._cloud_id(),
                        kind=TokenKind(settings.token_kind),
                        email=settings.email,
                        token=settings.api_token.get_secret_value(),
                    ),
                    self._http,
                    budget=self._budget,
                    observer=self._observer,
                    clock=self._clock,
                    policy=self._policy,
                )
            return self._client

    async def context(self) -> EventContext:
        """What normalisers need to know of the site; raises as :meth:`client` does."""
        access = (await self.client()).access
        return EventContext(site=self.name, site_url=access.site_url, cloud_id=access.cloud_id)

    async def _cloud_id(self) -> str:
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
                return await self._cloud_id()
        return asked
