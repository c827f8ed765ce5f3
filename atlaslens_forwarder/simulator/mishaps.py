"""Passing failures of single requests: which one happens to whom, and what it looks like."""

from __future__ import annotations

from enum import Enum, auto
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.calls import Answer
from atlaslens_forwarder.simulator.limits import throttled_headers
from atlaslens_forwarder.simulator.world.chance import Chance, label

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.faults import FaultPlan

_PAGE: Final = "<!DOCTYPE html><html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class Mishap(Enum):
    """One kind of passing failure."""

    THROTTLE = auto()
    THROTTLE_BARE = auto()
    THROTTLE_ZERO = auto()
    THROTTLE_HTML = auto()
    SERVER_ERROR = auto()
    UNAVAILABLE = auto()
    CUT_BODY = auto()


class Mishaps:
    """Draws failures from a seed and the request, never too many in a row for one request."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._in_a_row: dict[str, int] = {}

    def draw(self, faults: FaultPlan, request: str) -> Mishap | None:
        """What befalls this try of a request; None lets it through and forgets its failures."""
        failed = self._in_a_row.get(request, 0)
        mishap = _choose(faults, Chance(self._seed, label(request), failed).unit())
        if mishap is None or failed >= faults.failures_in_a_row:
            self._in_a_row.pop(request, None)
            return None
        self._in_a_row[request] = failed + 1
        return mishap

    def delay_s(self, faults: FaultPlan, request: str) -> float:
        """How long the answer to this request takes."""
        slow = Chance(self._seed, label(request), label("slow")).hit(faults.slow)
        return faults.slow_s if slow else 0.0


def _choose(faults: FaultPlan, lot: float) -> Mishap | None:
    for mishap, rate in (
        (Mishap.THROTTLE, faults.throttle),
        (Mishap.THROTTLE_BARE, faults.throttle_bare),
        (Mishap.THROTTLE_ZERO, faults.throttle_zero),
        (Mishap.THROTTLE_HTML, faults.throttle_html),
        (Mishap.SERVER_ERROR, faults.server_error),
        (Mishap.UNAVAILABLE, faults.unavailable),
        (Mishap.CUT_BODY, faults.cut_body),
    ):
        if lot < rate:
            return mishap
        lot -= rate
    return None


def answer_of(mishap: Mishap, faults: FaultPlan, product: str, now_ms: int) -> Answer | None:
    """The answer that a mishap puts in place of the real one; None for a cut body, which has both."""
    limited = throttled_headers(product, now_ms, faults.retry_after_s, faults.bucket_size)
    text: JsonObject = {"message": "Rate limit exceeded."}
    bare: JsonObject = {"code": 429, "message": "Too Many Requests"}
    wait = {"Retry-After": str(faults.retry_after_s)}
    return {
        Mishap.THROTTLE: Answer(429, text, limited),
        Mishap.THROTTLE_BARE: Answer(429, bare, {"X-Failure-Category": "FAILURE_CLIENT_RATE_LIMITED"}),
        Mishap.THROTTLE_ZERO: Answer(429, text, limited | {"Retry-After": "0"}),
        Mishap.THROTTLE_HTML: Answer(429, _PAGE.format("Too Many Requests"), limited, "text/html"),
        Mishap.SERVER_ERROR: Answer(502, _PAGE.format("Bad Gateway"), {}, "text/html"),
        Mishap.UNAVAILABLE: Answer(503, {"message": "Service Unavailable"}, wait),
    }.get(mishap)
