"""Bitbucket's own ways: its credentials, its hourly limit and its forms of refusal.

In reality it stands on another host; here it shares the port, under ``/2.0``. An API token goes with the
e-mail (Basic), an access token alone (Bearer), and only access tokens are told about their limit.
"""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator import refusals
from atlaslens_forwarder.simulator.calls import Answer, Caller, Product
from atlaslens_forwarder.simulator.mishaps import Mishap, answer_of

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.auth import Credentials
    from atlaslens_forwarder.simulator.faults import FaultPlan
    from atlaslens_forwarder.simulator.limits import Limits

_HOUR_S: Final = 3600.0
_LIMITED: Final = "Rate limit for this resource has been exceeded"


def identify(credentials: Credentials, header: str) -> Caller:
    """Whose request this is: the API token counts as scoped, the access token as bearer."""
    if not header:
        return Caller.ANONYMOUS
    scheme, _, value = header.partition(" ")
    if scheme.lower() == "bearer":
        known = value.strip() == credentials.bitbucket_access_token
        return Caller.BEARER if known else Caller.REJECTED
    try:
        name, _, token = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return Caller.REJECTED
    # The user name instead of the e-mail works for git only.
    known = name.lower() == credentials.email and token == credentials.bitbucket_token
    return Caller.SCOPED if known and scheme.lower() == "basic" else Caller.REJECTED


def admit(faults: FaultPlan, caller: Caller, *, dead: bool) -> Answer | None:
    """Why this caller gets no answer, if so; strangers see nothing, for every repository is private."""
    if not caller.is_known or dead or faults.bitbucket_expired:
        return refusals.refusal(
            Product.BITBUCKET, 401, "Token is invalid, expired, or not supported for this endpoint."
        )
    if faults.bitbucket_no_scope:
        return missing_scope("read:repository:bitbucket")
    return None


def missing_scope(scope: str) -> Answer:
    """403 of a token that lacks a privilege scope."""
    text = "Your credentials lack one or more required privilege scopes."
    detail: JsonObject = {"required": [scope], "granted": ["read:user:bitbucket"]}
    return Answer(403, {"type": "error", "error": {"message": text, "detail": detail}})


def take(limits: Limits, faults: FaultPlan, caller: Caller) -> tuple[Answer | None, dict[str, str]]:
    """429 where the hour is spent, and the headers that access tokens are told with every answer."""
    size = faults.bitbucket_requests_per_h
    passed, told = limits.take(f"bitbucket {caller}", size, size / _HOUR_S)
    headers: dict[str, str] = {}
    if caller is Caller.BEARER:
        near = told.get("X-RateLimit-NearLimit", "false")
        headers = {
            "X-RateLimit-Limit": str(size),
            "X-RateLimit-Resource": "api",
            "X-RateLimit-NearLimit": near,
        }
    return (None if passed else _too_many(headers)), headers


def mishap_answer(mishap: Mishap, faults: FaultPlan, now_ms: int) -> Answer | None:
    """A passing failure in Bitbucket's form; no wait is told with 429, but for ``Retry-After: 0``."""
    if mishap in {Mishap.THROTTLE, Mishap.THROTTLE_BARE}:
        return _too_many({})
    if mishap is Mishap.THROTTLE_ZERO:
        return _too_many({"Retry-After": "0"})
    made = answer_of(mishap, faults, Product.BITBUCKET, now_ms)
    if mishap is Mishap.THROTTLE_HTML and made is not None:
        return Answer(made.status, made.body, {}, made.content_type)
    return made


def _too_many(headers: dict[str, str]) -> Answer:
    body: JsonObject = {"type": "error", "error": {"message": _LIMITED}}
    return Answer(429, body, headers)
