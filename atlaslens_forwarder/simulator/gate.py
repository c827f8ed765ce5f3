"""From a request to an answer: who asks, by which door, may they, and what goes wrong on the way.

::

    path ─► door (site or gateway) ─► route ─► login page? ─► mishap? ─► access ─► bucket ─► API
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs

from atlaslens_forwarder.simulator import bitbucket_door, organisation_door, refusals
from atlaslens_forwarder.simulator.auth import GATEWAY_CALLERS, identify
from atlaslens_forwarder.simulator.calls import Answer, Call, Caller, Need, Product, Route
from atlaslens_forwarder.simulator.limits import Limits, throttled_headers
from atlaslens_forwarder.simulator.mishaps import Mishap, Mishaps, answer_of
from atlaslens_forwarder.simulator.routing import Found, Routes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.simulator.site import Site

_GATEWAY: Final = "/ex/"


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request as it came; ``body`` is what a POST carries, whatever it is."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()
    authorization: str = ""
    method: str = "GET"
    body: bytes = b""
    content_type: str = ""
    query: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "query", dict(self.pairs))

    @property
    def name(self) -> str:
        """Alike for equal requests, for drawing mishaps."""
        text = self.path + "?" + "&".join(f"{name}={self.query[name]}" for name in sorted(self.query))
        return text + self.body.decode(errors="replace")

    def lists(self) -> dict[str, tuple[str, ...]]:
        """Every value of every query parameter."""
        names = dict.fromkeys(name for name, _ in self.pairs)
        return {name: tuple(value for other, value in self.pairs if other == name) for name in names}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What goes back to the caller, and how: late, or cut in the middle."""

    answer: Answer
    caller: Caller
    delay_s: float = 0.0
    cut: bool = False


class Gate:
    """Answers requests of one site."""

    def __init__(
        self, site: Site, routes: Iterable[Route], seed: int, monotonic: Callable[[], float]
    ) -> None:
        self._site = site
        self._routes = Routes(routes)
        self._limits = Limits(monotonic)
        self._mishaps = Mishaps(seed)

    def answer(self, request: Request) -> Outcome:
        """The answer to this request."""
        site = self._site
        caller = identify(site.credentials, request.authorization)
        at_gateway = request.path.startswith(_GATEWAY)
        product, inner = _split(request.path, site.cloud_id) if at_gateway else (None, request.path)
        found = self._routes.find(inner)
        if found is None or (at_gateway and found.route.product.door is not product):
            return Outcome(refusals.not_found(Product.EDGE), caller)
        route = found.route
        if route.product is Product.BITBUCKET:
            caller = bitbucket_door.identify(site.credentials, request.authorization)
        elif route.product is Product.ORGANISATION:
            caller = organisation_door.identify(site.credentials, request.authorization)
        if site.faults.login_page and route.need is not Need.NOTHING:
            return Outcome(refusals.login_page(site.faults.login_page), caller)
        delay_s = self._mishaps.delay_s(site.faults, request.name)
        mishap = None if route.product is Product.EDGE else self._mishaps.draw(site.faults, request.name)
        if mishap is not None:
            made = _answer_of(mishap, site, route.product)
            if made is not None:
                return Outcome(made, caller, delay_s)
        if not route.product.is_elsewhere:
            caller = self._admit(caller, at_gateway=at_gateway)
        answer = self._serve(found, request, caller, at_gateway=at_gateway)
        return Outcome(answer, caller, delay_s, cut=mishap is Mishap.CUT_BODY and answer.status == 200)  # noqa: PLR2004

    def _admit(self, caller: Caller, *, at_gateway: bool) -> Caller:
        """The caller as this door sees him: tokens of the other door and dead tokens are rejected."""
        if caller is Caller.ANONYMOUS:
            return caller
        fits = (caller in GATEWAY_CALLERS) if at_gateway else (caller is not Caller.SCOPED)
        return caller if fits and not self._site.credentials_dead else Caller.REJECTED

    def _serve(self, found: Found, request: Request, caller: Caller, *, at_gateway: bool) -> Answer:
        route = found.route
        refused = self._refuse(route, caller, at_gateway=at_gateway)
        if refused is not None:
            return refused
        limited, headers = self._limit(route, request, caller)
        if limited is not None:
            return limited
        call = _call(found, request, caller, at_gateway=at_gateway)
        if isinstance(call, Answer):
            return call
        if route.feed and call.caller.is_known:
            self._site.page_asked(route.feed)
        answer = route.handle(self._site, call)
        return replace(answer, headers=headers | dict(answer.headers))

    def _limit(self, route: Route, request: Request, caller: Caller) -> tuple[Answer | None, dict[str, str]]:
        """429 where the limit is reached, and the headers every answer carries."""
        faults = self._site.faults
        if route.product is Product.BITBUCKET:
            return bitbucket_door.take(self._limits, faults, caller)
        if route.product is Product.ORGANISATION:
            return organisation_door.take(self._limits, faults, route.path)
        endpoint = route.path if request.method == "GET" else f"{request.method} {route.path}"
        passed, headers = self._limits.take(endpoint, faults.bucket_size, faults.bucket_refill_per_s)
        if passed:
            return None, headers
        limited = throttled_headers(
            route.product.door, self._site.now_ms(), faults.retry_after_s, faults.bucket_size
        )
        return Answer(429, {"message": "Rate limit exceeded."}, headers | limited), headers

    def _refuse(self, route: Route, caller: Caller, *, at_gateway: bool) -> Answer | None:
        """Why this caller gets no answer from this route, if so."""
        if route.product is Product.BITBUCKET:
            return bitbucket_door.admit(self._site.faults, caller, dead=self._site.credentials_dead)
        if route.product is Product.ORGANISATION:
            return organisation_door.admit(self._site.faults, caller, dead=self._site.credentials_dead)
        if not caller.is_known:
            return self._refuse_stranger(route, at_gateway=at_gateway)
        if route.need is Need.NOTHING:
            return None
        if caller is Caller.BEARER and not at_gateway:
            return refusals.not_authenticated(route.product)
        return self._refuse_person(route, at_gateway=at_gateway) if route.need is Need.ADMIN else None

    def _refuse_stranger(self, route: Route, *, at_gateway: bool) -> Answer | None:
        """Strangers pass where the route allows it, or where the site hides that it does not know them."""
        hidden = bool(route.feed) or route.need is Need.BROWSE or route.product.door is Product.CONFLUENCE
        if self._site.faults.silent_anonymous and hidden:
            return None
        if at_gateway:
            return refusals.gateway_unauthorized()
        return (
            None if route.need in {Need.NOTHING, Need.BROWSE} else refusals.not_authenticated(route.product)
        )

    def _refuse_person(self, route: Route, *, at_gateway: bool) -> Answer | None:
        """The first reason that keeps a known caller from an administrator's route."""
        faults, product = self._site.faults, route.product
        reasons = (
            (at_gateway and product in faults.no_scope, refusals.missing_scope()),
            (product in faults.gone, refusals.gone(product)),
            (product in faults.free_plan, refusals.free_plan(product)),
            (product in faults.no_permission, refusals.no_permission(product)),
        )
        return next((answer for applies, answer in reasons if applies), None)


def _answer_of(mishap: Mishap, site: Site, product: Product) -> Answer | None:
    if product is Product.BITBUCKET:
        return bitbucket_door.mishap_answer(mishap, site.faults, site.now_ms())
    return answer_of(mishap, site.faults, product.door, site.now_ms())


def _call(found: Found, request: Request, caller: Caller, *, at_gateway: bool) -> Call | Answer:
    """What the route's handler is asked; a refusal where the method or the body does not fit."""
    product = found.route.product
    if request.method not in found.route.methods:
        return refusals.refusal(product, 405, "Method Not Allowed")
    body: JsonValue = None
    if request.method == "POST" and product is Product.BITBUCKET:
        body = _form(request)
    elif request.method == "POST":
        if request.content_type != "application/json":
            return refusals.wrong_media_type(request.content_type, request.path)
        try:
            body = json.loads(request.body)
        except ValueError:
            return refusals.bad_request(
                product, "Invalid request payload. Refer to the REST API documentation."
            )
    return Call(
        request.query, caller, request.lists(), found.names, request.method, body, at_gateway=at_gateway
    )


def _form(request: Request) -> JsonValue:
    """What a form-encoded body holds, every value of every field."""
    fields = parse_qs(request.body.decode(errors="replace"), keep_blank_values=True)
    return {name: [*values] for name, values in fields.items()}


def _split(path: str, cloud_id: str) -> tuple[Product | None, str]:
    """``/ex/jira/{cloudId}/rest/…`` as product and path on the site; None for a cloud id that is not ours."""
    _, _, product, cloud, *rest = (*path.split("/"), "", "")
    if cloud != cloud_id or product not in {Product.JIRA, Product.CONFLUENCE}:
        return None, ""
    return Product(product), "/" + "/".join(rest).rstrip("/")
