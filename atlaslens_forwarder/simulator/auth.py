"""Credentials of the simulated site, and which of them opens which door.

A classic token works on the site only; scoped tokens and OAuth bearer tokens work on the gateway only
(CLOUD-12617 and "Manage API tokens" of support.atlassian.com).
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.calls import Caller
from atlaslens_forwarder.simulator.world.chance import Chance, label

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.world import World

GATEWAY_CALLERS: Final = frozenset({Caller.SCOPED, Caller.BEARER})
SCOPES: Final = (
    "read:audit-log:jira",
    "read:user:jira",
    "read:jira-work",
    "read:jira-user",
    "read:audit-log:confluence",
    "read:user:confluence",
)


@dataclass(frozen=True, slots=True)
class Credentials:
    """What opens the simulated site; all of it invented."""

    email: str
    classic_token: str
    scoped_token: str
    bearer_token: str
    bitbucket_token: str
    bitbucket_access_token: str
    organisation_id: str
    organisation_key: str


def credentials_of(world: World) -> Credentials:
    """The credentials of the collector account; equal seeds and sites give equal tokens."""
    chance = Chance(world.spec.seed, label(world.spec.site), label("credentials"))
    above = Chance(world.spec.seed, label(world.spec.site), label("organisation credentials"))
    return Credentials(
        email=world.people.collector.email,
        classic_token=f"ATATT3xSimulated{chance.hex(40)}",
        scoped_token=f"ATATT3xSimulated{chance.hex(40)}",
        bearer_token=f"eySimulated.{chance.hex(40)}",
        bitbucket_token=f"ATATT3xSimulated{chance.hex(40)}",
        bitbucket_access_token=f"ATCTT3xSimulated{chance.hex(40)}",
        organisation_id=above.uuid(),
        organisation_key=f"ATCTT3xSimulatedOrg{above.hex(40)}",
    )


def identify(credentials: Credentials, header: str) -> Caller:
    """Whose request this is, by its ``Authorization`` header alone."""
    if not header:
        return Caller.ANONYMOUS
    scheme, _, value = header.partition(" ")
    secret = _basic_pair(value) if scheme.lower() == "basic" else value.strip()
    known = {
        ("basic", f"{credentials.email}:{credentials.classic_token}"): Caller.CLASSIC,
        ("basic", f"{credentials.email}:{credentials.scoped_token}"): Caller.SCOPED,
        ("bearer", credentials.bearer_token): Caller.BEARER,
    }
    return known.get((scheme.lower(), secret), Caller.REJECTED)


def _basic_pair(value: str) -> str:
    """``email:token``, the e-mail in lower case; empty where it cannot be read (RFC 7617)."""
    try:
        email, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return f"{email.lower()}:{token}"
