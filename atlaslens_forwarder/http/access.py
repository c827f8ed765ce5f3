"""Where the APIs are and how we authenticate, one kind of access for each credential. Pure.

Source: developer.atlassian.com "Basic auth for REST APIs", support.atlassian.com "Manage API tokens":
classic tokens work on the site's own address only, scoped tokens and OAuth on the gateway only. Bitbucket
and the organisation API have hosts and credentials of their own.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol
from urllib.parse import urlsplit


class Api(StrEnum):
    """The REST APIs, each with a base address of its own."""

    JIRA = "jira"
    CONFLUENCE = "confluence"
    BITBUCKET = "bitbucket"
    ORGANISATION = "organisation"


class Access(Protocol):
    """One credential: the name of the site it belongs to, addresses and the header that it sends."""

    @property
    def name(self) -> str:
        """The site's name in the settings."""

    @property
    def home(self) -> str:
        """The address that errors name."""

    @property
    def authorization(self) -> str:
        """Value of the ``Authorization`` header."""

    def url(self, api: Api, path: str) -> str:
        """The full address of an API path, which begins with ``/`` and may hold a query."""


class TokenKind(StrEnum):
    """What kind of token the user gave us; classic and scoped ones look alike."""

    CLASSIC = "classic"
    SCOPED = "scoped"
    BEARER = "bearer"


@dataclass(frozen=True, slots=True)
class SiteAccess:
    """One site, one credential."""

    name: str
    site_url: str
    gateway_url: str
    cloud_id: str
    kind: TokenKind
    email: str
    token: str

    def __repr__(self) -> str:
        return f"SiteAccess({self.name}, {self.site_url}, {self.kind})"

    @property
    def home(self) -> str:
        """The site's own address."""
        return self.site_url

    def url(self, api: Api, path: str) -> str:
        """The full address of an API path such as ``/rest/api/3/myself`` or ``/wiki/rest/api/audit``."""
        if self.kind is TokenKind.CLASSIC:
            return f"{self.site_url}{path}"
        return f"{self.gateway_url}/ex/{api.value}/{self.cloud_id}{path}"

    @property
    def authorization(self) -> str:
        """Value of the ``Authorization`` header."""
        if self.kind is TokenKind.BEARER:
            return f"Bearer {self.token}"
        return _basic(self.email, self.token)


@dataclass(frozen=True, slots=True)
class BitbucketAccess:
    """Bitbucket Cloud: an API token (Basic, with the e-mail) or an access token (Bearer, without one)."""

    name: str
    home: str
    email: str
    token: str

    def __repr__(self) -> str:
        return f"BitbucketAccess({self.name}, {self.home})"

    def url(self, _api: Api, path: str) -> str:
        """The full address of a path such as ``/2.0/repositories/acme``."""
        return f"{self.home}{path}"

    @property
    def authorization(self) -> str:
        """Value of the ``Authorization`` header."""
        return _basic(self.email, self.token) if self.email else f"Bearer {self.token}"


@dataclass(frozen=True, slots=True)
class OrganisationAccess:
    """The organisation API with an admin's API key."""

    name: str
    home: str
    organisation_id: str
    key: str

    def __repr__(self) -> str:
        return f"OrganisationAccess({self.name}, {self.home})"

    def url(self, _api: Api, path: str) -> str:
        """The full address of a path such as ``/admin/v1/orgs/{orgId}/events-stream``."""
        return f"{self.home}{path}"

    @property
    def authorization(self) -> str:
        """Value of the ``Authorization`` header."""
        return f"Bearer {self.key}"


def path_of(link: str) -> str:
    """Path and query of a link to a further page, as they stand (nothing is decoded).

    Only these are taken from a link: the host is always the one that is configured, so that no answer can
    send our credential elsewhere, and a gateway's prefix is neither lost nor doubled.
    """
    parts = urlsplit(link)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _basic(email: str, token: str) -> str:
    return "Basic " + base64.b64encode(f"{email}:{token}".encode()).decode()
