"""Burst limits: one token bucket per endpoint and method, shared by all callers.

Source: developer.atlassian.com/cloud/jira/platform/rate-limiting (bucket of 100, refilled at 10 per second).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import from_ms

if TYPE_CHECKING:
    from collections.abc import Callable

_NEAR: Final = 0.2


@dataclass(slots=True)
class _Bucket:
    tokens: float
    at_s: float


class Limits:
    """The buckets of one site; ``monotonic`` gives seconds."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._buckets: dict[str, _Bucket] = {}

    def take(self, endpoint: str, size: int, refill_per_s: float) -> tuple[bool, dict[str, str]]:
        """Whether a request may pass, and the headers every answer carries."""
        now_s = self._monotonic()
        bucket = self._buckets.setdefault(endpoint, _Bucket(size, now_s))
        bucket.tokens = min(size, bucket.tokens + (now_s - bucket.at_s) * refill_per_s)
        bucket.at_s = now_s
        passed = bucket.tokens >= 1
        if passed:
            bucket.tokens -= 1
        headers = {"X-RateLimit-Limit": str(size), "X-RateLimit-Remaining": str(int(bucket.tokens))}
        if bucket.tokens < size * _NEAR:
            headers["X-RateLimit-NearLimit"] = "true"
        return passed, headers


def throttled_headers(product: str, now_ms: int, wait_s: int, bucket_size: int) -> dict[str, str]:
    """What only a 429 carries; the reset time is without seconds at times, here it has them."""
    reset = from_ms(now_ms + wait_s * 1000).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "X-RateLimit-Limit": str(bucket_size),
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": reset,
        "RateLimit-Reason": f"{product}-burst-based",
        "Retry-After": str(wait_s),
    }
