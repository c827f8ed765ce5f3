"""What somebody answered to ``connect``, and the settings that follow from it. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.service.connect.address import is_local_address
from atlaslens_forwarder.settings import DELIMITER, PREFIX

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.http.access import TokenKind

Values = dict[str, str | None]
"""Settings by their full names; None removes one."""


@dataclass(frozen=True, slots=True, repr=False)
class BitbucketAnswers:
    """A Bitbucket credential: an API token with its e-mail, or an access token with its workspace."""

    token: str
    email: str = ""
    workspaces: tuple[str, ...] = ()
    url: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class OrganisationAnswers:
    """The organisation and an API key of it."""

    id: str
    key: str


@dataclass(frozen=True, slots=True, repr=False)
class Answers:
    """A site and its credentials; addresses are empty where the usual ones hold."""

    name: str
    url: str
    email: str
    token: str
    gateway_url: str = ""
    bitbucket: BitbucketAnswers | None = None
    organisation: OrganisationAnswers | None = None

    @property
    def gateway(self) -> str:
        """The gateway to use, empty for Atlassian's; a simulator on this machine plays it as well."""
        return self.gateway_url or (self.url if is_local_address(self.url) else "")

    @property
    def bitbucket_url(self) -> str:
        """Likewise for Bitbucket."""
        given = self.bitbucket.url if self.bitbucket is not None else ""
        return given or (self.url if is_local_address(self.url) else "")


def site_prefix(name: str) -> str:
    """How the names of a site's settings begin."""
    return f"{PREFIX}SITES{DELIMITER}{name.upper()}{DELIMITER}"


def site_values(answers: Answers, kind: TokenKind, cloud_id: str) -> Values:
    """The settings of the site itself."""
    prefix = site_prefix(answers.name)
    return {
        f"{prefix}URL": answers.url,
        f"{prefix}EMAIL": answers.email or None,
        f"{prefix}API_TOKEN": answers.token,
        f"{prefix}TOKEN_KIND": kind.value,
        f"{prefix}CLOUD_ID": cloud_id,
        f"{prefix}GATEWAY_URL": answers.gateway or None,
    }


def bitbucket_values(answers: Answers, workspaces: tuple[str, ...]) -> Values:
    """The settings of its Bitbucket; none when no credential was given, so that those there are stay."""
    found = answers.bitbucket
    if found is None:
        return {}
    prefix = f"{site_prefix(answers.name)}BITBUCKET{DELIMITER}"
    return {
        f"{prefix}WORKSPACES": json.dumps([*workspaces]),
        f"{prefix}EMAIL": found.email or None,
        f"{prefix}API_TOKEN": found.token,
        f"{prefix}URL": answers.bitbucket_url or None,
    }


def organisation_values(answers: Answers) -> Values:
    """The settings of its organisation, likewise."""
    found = answers.organisation
    if found is None:
        return {}
    prefix = f"{site_prefix(answers.name)}ORGANISATION{DELIMITER}"
    return {f"{prefix}ID": found.id, f"{prefix}API_KEY": found.key, f"{prefix}URL": answers.gateway or None}


NO_SETTINGS: Final[Mapping[str, str]] = {}


def of_site(values: Mapping[str, str], name: str) -> dict[str, str]:
    """Those of the settings that belong to a site, without empty ones."""
    return {key: value for key, value in values.items() if key.startswith(site_prefix(name)) and value}


def merged(there: Mapping[str, str], change: Values) -> dict[str, str]:
    """Settings after a change."""
    both: Values = {**there, **change}
    return {key: value for key, value in both.items() if value}
