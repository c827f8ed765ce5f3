"""``/_sim``: what tests and the demo do to the simulator. No login; loopback only, as the whole server is."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from aiohttp import web

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.json import compact_bytes
from atlaslens_forwarder.simulator.faults import FaultPlan
from atlaslens_forwarder.simulator.world.names import Naming

if TYPE_CHECKING:
    from collections import deque
    from collections.abc import Awaitable, Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.feed import Slot

_MOST_ROWS: Final = 100_000


class Control:
    """The handlers of ``/_sim`` for one site; ``log`` holds the requests the site was asked."""

    def __init__(self, site: Site, log: deque[JsonObject]) -> None:
        self._site = site
        self._log = log

    def add_routes(self, app: web.Application) -> None:
        """Register every ``/_sim`` route."""
        app.router.add_get("/_sim", self._told(self.overview))
        app.router.add_post("/_sim/advance", self._told(self.advance))
        app.router.add_post("/_sim/events", self._told(self.add_events))
        app.router.add_post("/_sim/rename", self._told(self.rename))
        app.router.add_put("/_sim/faults", self._told(self.set_faults))
        app.router.add_get("/_sim/requests", self._told(self.requests))
        app.router.add_delete("/_sim/requests", self._told(self.forget_requests))
        app.router.add_get("/_sim/people", self._told(self.people))
        app.router.add_get("/_sim/truth/{source}", self.truth)
        for part in self._site.parts:
            for name, order in part.orders.items():
                app.router.add_post(f"/_sim/{name}", self._told(self._obey(order)))

    @staticmethod
    def _obey(
        order: Callable[[JsonObject], JsonValue],
    ) -> Callable[[web.Request], Awaitable[JsonValue]]:
        async def obey(request: web.Request) -> JsonValue:
            return order(await _body(request))

        return obey

    @staticmethod
    def _told(
        handle: Callable[[web.Request], Awaitable[JsonValue]],
    ) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
        async def answer(request: web.Request) -> web.StreamResponse:
            try:
                return web.json_response(await handle(request))
            except ConfigError as error:
                return web.json_response({"error": error.one_line()}, status=400)

        return answer

    async def overview(self, request: web.Request) -> JsonValue:
        """Site, time, credentials, switches and how many rows each source serves now."""
        del request
        site, now_ms = self._site, self._site.now_ms()
        return {
            "site": site.world.spec.site,
            "cloud_id": site.cloud_id,
            "now_ms": now_ms,
            "credentials": asdict(site.credentials),
            "truths": [*site.truths],
            "rows": {source: site.feed(source).count(None, None, now_ms) for source in site.sources},
            "faults": site.faults.as_json(),
        }

    async def advance(self, request: web.Request) -> JsonValue:
        """``{"seconds": N}`` lets time pass."""
        self._site.advance(int(_number(await _body(request), "seconds") * 1000))
        return {"now_ms": self._site.now_ms()}

    async def add_events(self, request: web.Request) -> JsonValue:
        """``{"source", "count"}``, or ``"rows": [{"at_ms", "visible_at_ms", "copies", "row"}]``."""
        body, now_ms = await _body(request), self._site.now_ms()
        source = str(body.get("source", ""))
        feed = self._site.feed(source)
        rows = body.get("rows")
        wanted = rows if isinstance(rows, list) else [{}] * min(int(_number(body, "count")), _MOST_ROWS)
        added: list[Slot] = []
        for row in wanted:
            if not isinstance(row, dict):
                raise ConfigError("a row to add is no object", hint='give {"at_ms": …, "row": {…}}')
            at_ms = int(_number(row, "at_ms", now_ms))
            visible_at_ms = int(_number(row, "visible_at_ms", max(at_ms, now_ms)))
            override = row.get("row")
            fields = override if isinstance(override, dict) else None
            first = feed.add(at_ms, visible_at_ms, override=fields)
            added.append(first)
            copies = range(int(_number(row, "copies", 0)))
            added += [feed.add(at_ms, visible_at_ms, twin=first, override=first.override) for _ in copies]
        return {"added": [self._site.key(source, slot) for slot in added]}

    async def rename(self, request: web.Request) -> JsonValue:
        """``{"account_id", "display_name", …}``: from now on a person is called otherwise."""
        body = await _body(request)
        person = self._site.world.people.of(str(body.get("account_id", "")))
        if person is None:
            raise ConfigError("nobody has this account id", hint="GET /_sim/people lists everyone")
        now = self._site.world.names.of(person)
        display_name = str(body.get("display_name", now.display_name))
        naming = Naming(
            display_name,
            str(body.get("public_name", display_name)),
            str(body.get("account_type", now.account_type)),
            bool(body.get("is_external", now.is_external)),
        )
        self._site.rename(person, naming)
        return {"account_id": person.account_id, "display_name": display_name}

    async def set_faults(self, request: web.Request) -> JsonValue:
        """Exchange all switches; ``{}`` turns every fault off."""
        self._site.set_faults(FaultPlan.of(await _body(request)))
        return self._site.faults.as_json()

    async def requests(self, request: web.Request) -> JsonValue:
        """The last requests, oldest first."""
        del request
        return [*self._log]

    async def forget_requests(self, request: web.Request) -> JsonValue:
        """Empty the log of requests."""
        del request
        self._log.clear()
        return []

    async def people(self, request: web.Request) -> JsonValue:
        """Everyone with ids, role, present name and e-mail."""
        del request
        names = self._site.world.names
        return [
            {
                "account_id": person.account_id,
                "user_key": person.user_key,
                "display_name": names.of(person).display_name,
                "first_display_name": person.display_name,
                "email": person.email,
                "role": person.role,
                "account_type": person.account_type,
                "address": person.address,
                "left_at_ms": person.left_at_ms,
            }
            for person in self._site.world.people.everyone()
        ]

    async def truth(self, request: web.Request) -> web.StreamResponse:
        """Every row the API serves now as NDJSON; ``from`` and ``to`` are epoch milliseconds, inclusive."""
        source = request.match_info["source"]
        try:
            if source not in self._site.truths:
                self._site.feed(source)
            bounds = [int(request.query[name]) if name in request.query else None for name in ("from", "to")]
        except (ConfigError, ValueError) as error:
            return web.json_response({"error": str(error)}, status=400)
        response = web.StreamResponse(headers={"Content-Type": "application/x-ndjson"})
        await response.prepare(request)
        for truth in self._site.truth(source, *bounds):
            await response.write(compact_bytes(asdict(truth)) + b"\n")
        await response.write_eof()
        return response


async def _body(request: web.Request) -> JsonObject:
    try:
        body = await request.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise ConfigError("the body is no JSON object", hint="see docs/simulator.md")
    return body


def _number(body: JsonObject, name: str, default: float | None = None) -> float:
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigError(f"{name} is no number", hint="see docs/simulator.md")
    return value
