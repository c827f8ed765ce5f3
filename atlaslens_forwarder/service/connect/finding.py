"""Finds out what a site and its credentials are good for, and which settings follow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import SourceError, TransientError, UnreachableError
from atlaslens_forwarder.http.access import BitbucketAccess
from atlaslens_forwarder.http.tenant import ask_cloud_id
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service.connect.answers import (
    bitbucket_values,
    merged,
    of_site,
    organisation_values,
    site_prefix,
    site_values,
)
from atlaslens_forwarder.service.connect.credential import (
    check_workspace,
    find_kind,
    find_workspaces,
    opens,
    possible_kinds,
)
from atlaslens_forwarder.service.site import access_of
from atlaslens_forwarder.settings import settings_from
from atlaslens_forwarder.sources.needs import needs_of, remedy
from atlaslens_forwarder.sources.source import Service

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from atlaslens_forwarder.http.access import TokenKind
    from atlaslens_forwarder.service.connect.answers import Answers, Values
    from atlaslens_forwarder.service.connect.probe import Probe, Prober
    from atlaslens_forwarder.settings import SiteSettings


@dataclass(frozen=True, slots=True)
class Refusal:
    """A credential that was given and is good for nothing."""

    service: Service
    status: SourceStatus
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Found:
    """What was found out: the site, the kind of its token, what can be read, and the settings to write."""

    cloud_id: str
    kind: TokenKind
    workspaces: tuple[str, ...]
    probes: list[Probe]
    values: Values = field(repr=False)
    refusal: Refusal | None = None


async def find_out(
    answers: Answers, there: Mapping[str, str], http: httpx.AsyncClient, prober: Prober
) -> Found:
    """Ask the site, its gateway and Bitbucket.

    Args:
        answers: address and credentials.
        there: settings of this site that stay as they are where they are not answered anew.
        http: for the cloud id, which takes no credential.
        prober: to ask for each source.

    Raises:
        ConfigError: an answer cannot be used.
        UnreachableError: the site does not answer, or is none.
        AccessError: the token opens no door.
    """
    kinds = possible_kinds(answers.email, answers.token)
    _settings(answers, there, site_values(answers, kinds[0], "unknown"))  # refuses what cannot be a token
    try:
        cloud_id = await ask_cloud_id(http, answers.url)
    except SourceError as error:
        raise UnreachableError(error.message, hint="check the site address and the network") from error

    async def knock(kind: TokenKind) -> bool:
        settings = _settings(answers, there, site_values(answers, kind, cloud_id))
        access = access_of(answers.name, settings, Service.SITE, cloud_id)
        return await opens(prober.client(access, settings, Service.SITE))

    try:
        kind = await find_kind(kinds, knock)
    except TransientError as error:
        raise UnreachableError(error.message, hint=error.hint or "try again later") from error
    values = site_values(answers, kind, cloud_id) | organisation_values(answers)
    settings = _settings(answers, there, values)
    workspaces, refusal = await _workspaces(answers, settings, prober)
    if refusal is None:
        values |= bitbucket_values(answers, workspaces)
        settings = _settings(answers, there, values)
    probes = await prober.probe(answers.name, settings)
    return Found(cloud_id, kind, settings.bitbucket.workspaces, probes, values, refusal)


def _settings(answers: Answers, there: Mapping[str, str], values: Values) -> SiteSettings:
    kept = of_site(there, answers.name)
    return settings_from(merged(kept, values)).sites[answers.name]


async def _workspaces(
    answers: Answers, settings: SiteSettings, prober: Prober
) -> tuple[tuple[str, ...], Refusal | None]:
    """The workspaces of the given credential, all of which it may read, or why it is of no use."""
    given = answers.bitbucket
    if given is None:
        return (), None
    url = answers.bitbucket_url or settings.bitbucket.url
    access = BitbucketAccess(answers.name, url, given.email, given.token)
    client = prober.client(access, settings, Service.BITBUCKET)
    try:
        workspaces = given.workspaces or await find_workspaces(client)
        for workspace in workspaces:
            await check_workspace(client, workspace)
    except SourceError as error:
        needs = needs_of("bitbucket-", Service.BITBUCKET)
        told = remedy(error.status, needs, error.hint)
        return (), Refusal(Service.BITBUCKET, error.status, error.message, told)
    if not workspaces:
        told = "make the account a member of a workspace, or name one: --bitbucket-workspace"
        return (), Refusal(
            Service.BITBUCKET, SourceStatus.NO_PERMISSION, "the account belongs to no workspace", told
        )
    return workspaces, None


def replacing(there: Mapping[str, str], name: str) -> Values:
    """The change that removes a whole site."""
    return dict.fromkeys(key for key in there if key.startswith(site_prefix(name)))
