"""The organisation API's own ways: an API key alone (Bearer), and few requests a minute.

In reality it stands on another host; here it shares the port, under ``/admin``. What it answers without
Guard is not documented: the switch ``organisation_no_guard`` chooses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator import refusals
from atlaslens_forwarder.simulator.calls import Answer, Caller, Product

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.auth import Credentials
    from atlaslens_forwarder.simulator.faults import FaultPlan
    from atlaslens_forwarder.simulator.limits import Limits

_MINUTE_S: Final = 60.0


def identify(credentials: Credentials, header: str) -> Caller:
    """Whose request this is; the key counts as bearer."""
    if not header:
        return Caller.ANONYMOUS
    scheme, _, value = header.partition(" ")
    known = scheme.lower() == "bearer" and value.strip() == credentials.organisation_key
    return Caller.BEARER if known else Caller.REJECTED


def admit(faults: FaultPlan, caller: Caller, *, dead: bool) -> Answer | None:
    """Why this caller gets no answer, if so."""
    if not caller.is_known or dead:
        return refusals.refusal(Product.ORGANISATION, 401, "Unauthorized")
    if faults.organisation_no_guard:
        return refusals.refusal(
            Product.ORGANISATION, faults.organisation_no_guard, "The organization has no subscription"
        )
    return None


def take(limits: Limits, faults: FaultPlan, path: str) -> tuple[Answer | None, dict[str, str]]:
    """429 where the minute is spent; no header tells how much is left."""
    size = faults.organisation_requests_per_min
    passed, _ = limits.take(f"organisation {path}", size, size / _MINUTE_S)
    limited = refusals.refusal(Product.ORGANISATION, 429, "Too Many Requests")
    return (None if passed else limited), {}
