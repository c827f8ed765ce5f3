"""An answer's status, headers and body as one of our errors, or as fine. Pure.

Sources: developer.atlassian.com rate limiting page (429, ``RateLimit-Reason``, ``Retry-After``); recorded
error bodies of the products. A 429 body is never parsed: it can be HTML.
"""

from __future__ import annotations

import math
from datetime import datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError, SourceError, TransientError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.model.time import to_ms

if TYPE_CHECKING:
    from collections.abc import Mapping

CAPTCHA = "the account must answer a CAPTCHA"
LONGEST_WAIT_S = 3600.0
"""No limit of Atlassian lasts longer (quotas begin anew each hour): a wrong clock asks for a longer wait."""

_RENEW = "create a new API token and put it into the settings"


def error_of(status: int, headers: Mapping[str, str], text: str, now_ms: int) -> SourceError | None:
    """The error an answer stands for, None for a usable one.

    Args:
        status: HTTP status.
        headers: header names in lower case.
        text: start of the body; only looked at to tell plan and scope apart, never quoted.
        now_ms: to turn a reset time into seconds.
    """
    if "AUTHENTICATED_FAILED" in headers.get("x-seraph-loginreason", "").upper():
        # Anonymous-capable routes answer 200 with nothing for a token that is no longer valid.
        return AccessError("the token is no longer accepted", status=SourceStatus.EXPIRED, hint=_RENEW)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return _throttled(headers, now_ms)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.REQUEST_TIMEOUT:
        return TransientError(
            f"the server failed with HTTP {status}",
            status=SourceStatus.UNREACHABLE,
            wait_s=_retry_after_s(headers, now_ms),
        )
    ok = status == HTTPStatus.OK
    redirected = HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST
    if redirected or (ok and "json" not in headers.get("content-type", "").casefold()):
        return AccessError("a login page came instead of data", status=SourceStatus.EXPIRED, hint=_RENEW)
    return None if ok else _refused(status, headers, text.casefold())


def _refused(status: int, headers: Mapping[str, str], text: str) -> SourceError:
    if status == HTTPStatus.UNAUTHORIZED:
        if "scope does not match" in text:
            return AccessError(
                "the token lacks a scope",
                status=SourceStatus.NO_SCOPE,
                hint="add the scopes named in docs/sources.md",
            )
        return AccessError("the token is not accepted", status=SourceStatus.EXPIRED, hint=_RENEW)
    if status == HTTPStatus.FORBIDDEN:
        return _forbidden(headers, text)
    if status == HTTPStatus.NOT_FOUND:
        return NotFoundError(
            "the address does not exist for this token",
            status=SourceStatus.NO_PERMISSION,
            hint="check the site address and the kind of token (scoped tokens work on the gateway only)",
        )
    if status == HTTPStatus.GONE:
        return FormatError(
            "Atlassian has removed this API route",
            status=SourceStatus.UNREADABLE,
            hint="install a newer forwarder",
        )
    return FormatError(f"the request was refused with HTTP {status}", status=SourceStatus.UNREADABLE)


def _forbidden(headers: Mapping[str, str], text: str) -> AccessError:
    if "authentication_denied" in headers.get("x-seraph-loginreason", "").casefold():
        return AccessError(
            CAPTCHA,
            status=SourceStatus.NO_PERMISSION,
            hint="log in once with a browser as that account",
        )
    if "privilege scopes" in text:
        # Bitbucket says 403 where the gateway says 401.
        return AccessError(
            "the token lacks a scope",
            status=SourceStatus.NO_SCOPE,
            hint="add the scopes named in docs/sources.md",
        )
    if "free plan" in text or "free edition" in text:
        return AccessError(
            "the site is on a Free plan, which has no audit log",
            status=SourceStatus.NO_PLAN,
            hint="upgrade one product of the site to a paid plan",
        )
    return AccessError(
        "the account is not allowed to read this",
        status=SourceStatus.NO_PERMISSION,
        hint="give it the permission named in docs/sources.md",
    )


def _throttled(headers: Mapping[str, str], now_ms: int) -> TransientError:
    reason = headers.get("ratelimit-reason", "").casefold()
    wait_s = _retry_after_s(headers, now_ms)
    scope = "endpoint"
    if "quota" in reason:
        scope = "product"
        wait_s = max(wait_s or 0.0, _reset_s(headers, now_ms) or 0.0) or None
    return TransientError(
        "Atlassian limits our request rate (HTTP 429)",
        status=SourceStatus.THROTTLED,
        wait_s=wait_s,
        scope=scope,
    )


def _retry_after_s(headers: Mapping[str, str], now_ms: int) -> float | None:
    """``Retry-After`` in seconds: a number or an HTTP date (RFC 9110, 10.2.3)."""
    value = headers.get("retry-after", "").strip()
    if not value:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            seconds = (to_ms(parsedate_to_datetime(value)) - now_ms) / 1000
        except (ValueError, OverflowError):
            return None
    return _bounded(seconds) if math.isfinite(seconds) else None


def _reset_s(headers: Mapping[str, str], now_ms: int) -> float | None:
    """Seconds until ``X-RateLimit-Reset``, which is ISO-8601, at times without seconds."""
    try:
        reset = datetime.fromisoformat(headers.get("x-ratelimit-reset", ""))
        return _bounded((to_ms(reset) - now_ms) / 1000)
    except (ValueError, OverflowError):
        return None


def _bounded(seconds: float) -> float:
    """At least 1 s, as 0 and times that are over are sent too."""
    return min(max(1.0, seconds), LONGEST_WAIT_S)
