"""Where a site's APIs are and how we authenticate. Pure.

Source: developer.atlassian.com "Basic auth for REST APIs", support.atlassian.com "Manage API tokens":
classic tokens work on the site's own address only, scoped tokens and OAuth on the gateway only.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from enum import StrEnum


class Api(StrEnum):
    """The REST APIs, each with a base address of its own."""

    JIRA = "jira"
    CONFLUENCE = "confluence"


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
        return "Basic " + base64.b64encode(f"{self.email}:{self.token}".encode()).decode()
