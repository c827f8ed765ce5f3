"""A small HTTP server that does what OpenSearch Dashboards does with saved objects.

Written after its source (3.3, ``src/core/server/saved_objects``) and tried by hand against a running one: the
same calls, with the same answers. It exists since the real one takes a build of half an hour and two minutes
to start.
"""

from __future__ import annotations

import base64
import json
from contextlib import asynccontextmanager

from aiohttp import web

CHECKED_TYPES = {"index-pattern", "search"}


class FakeDashboards:
    """One Dashboards with its objects; what it does wrong is switched by attributes."""

    def __init__(self):
        self.objects = {}
        self.version = "3.3.0"
        self.account = None
        self.tenants = None
        self.workspaces = {}
        self.refuse_types = set()
        self.status = None
        self.imports = []
        self.asked_tenants = set()

    def app(self):
        app = web.Application(middlewares=[self._gate])
        app.router.add_get("/base/api/status", self._status)
        app.router.add_get("/base/api/v1/configuration/account", self._account)
        for prefix in ("/base", "/base/w/{workspace}"):
            app.router.add_post(f"{prefix}/api/saved_objects/_bulk_get", self._bulk_get)
            app.router.add_post(f"{prefix}/api/saved_objects/_import", self._import)
        return app

    @web.middleware
    async def _gate(self, request, handler):
        if self.status is not None:
            return web.Response(status=self.status, text="OpenSearch Dashboards server is not ready yet")
        if self.account is not None:
            pair = base64.b64encode(":".join(self.account).encode()).decode()
            if request.headers.get("authorization") != f"Basic {pair}":
                return web.json_response({"statusCode": 401, "error": "Unauthorized"}, status=401)
        if request.method == "POST" and "osd-xsrf" not in request.headers:
            return web.json_response({"message": "Request must contain a osd-xsrf header."}, status=400)
        self.asked_tenants.add(request.headers.get("securitytenant"))
        answer = await handler(request)
        answer.headers["osd-name"] = "test"
        return answer

    async def _status(self, _request):
        return web.json_response({"name": "test", "version": {"number": self.version}})

    async def _account(self, _request):
        if self.tenants is None:
            return web.json_response({"statusCode": 404, "message": "Not Found"}, status=404)
        return web.json_response({"data": {"user_name": "me", "tenants": self.tenants}})

    async def _bulk_get(self, request):
        listed = []
        for asked in await request.json():
            found = self.objects.get((asked["type"], asked["id"]))
            if found is None:
                listed.append(asked | {"error": {"statusCode": 404, "error": "Not Found"}})
            else:
                listed.append(found | {"updated_at": "2026-11-24T00:00:00.000Z", "version": "WzEsMV0="})
        return web.json_response({"saved_objects": listed})

    async def _import(self, request):
        field = await (await request.multipart()).next()
        assert field.name == "file"
        assert field.filename.endswith(".ndjson")
        given = [json.loads(line) for line in (await field.text()).splitlines()]
        self.imports.append([(one["type"], one["id"]) for one in given])
        known = {*self.objects, *((one["type"], one["id"]) for one in given)}
        errors = []
        for one in given:
            error = self._error(one, known, request.match_info.get("workspace"))
            if error:
                errors.append({"type": one["type"], "id": one["id"], "error": error})
                continue
            self.objects[one["type"], one["id"]] = one
            self.workspaces[one["type"], one["id"]] = request.match_info.get("workspace")
        body = {"successCount": len(given) - len(errors), "success": not errors}
        return web.json_response(body | ({"errors": errors} if errors else {}))

    def _error(self, one, known, workspace):
        key = one["type"], one["id"]
        if one["type"] in self.refuse_types:
            return {"type": "unsupported_type"}
        if self.workspaces.get(key, workspace) != workspace:
            return {"type": "conflict"}
        missing = [
            {"type": ref["type"], "id": ref["id"]}
            for ref in one["references"]
            if ref["type"] in CHECKED_TYPES and (ref["type"], ref["id"]) not in known
        ]
        return {"type": "missing_references", "references": missing} if missing else None


@asynccontextmanager
async def serve(fake):
    """Its address, with a base path, while this lasts."""
    runner = web.AppRunner(fake.app())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = site._server.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/base"
    finally:
        await runner.cleanup()
