"""Asks one OpenSearch Dashboards over HTTP: its version, saved objects, imports.

Source: the routes of OpenSearch Dashboards 3.3 (``src/core/server/saved_objects/routes``, ``status``) and of
its security plugin (``server/multitenancy``). Saved objects are written by the API only, never in its index.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path  # noqa: TC003  read by whoever maps settings onto the dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

import httpx

from atlaslens_forwarder import __version__
from atlaslens_forwarder.errors import ConfigError, StoreError, UnreachableError
from atlaslens_forwarder.model.json import compact_bytes
from atlaslens_forwarder.storage.tls import client_context

if TYPE_CHECKING:
    import ssl
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

GLOBAL_TENANT = "global"
_OWN_TENANTS = frozenset({"global", "global_tenant", "private", "__user__"})
_OLDEST = (2, 19)
_NEWEST_MAJOR = 3
_NOT_FOUND = 404
_REFUSED = frozenset({401, 403})
_UNAVAILABLE = frozenset({429, 502, 503, 504})
_TOO_LARGE = 413
_UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class DashboardsConfig:
    """How to reach OpenSearch Dashboards. Secrets are not shown by ``repr``."""

    url: str
    """``http[s]://host[:port][/base path]``, without user and password."""
    tenant: str = GLOBAL_TENANT
    """Tenant of the security plugin; of no meaning without it."""
    workspace: str = ""
    """Id of a workspace; empty where there are none, or for objects outside them."""
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: Path | None = None
    verify: bool = True
    timeout_s: float = 60.0


class DashboardsClient:
    """One OpenSearch Dashboards; ``close`` is final."""

    def __init__(self, config: DashboardsConfig) -> None:
        """Open nothing yet.

        Raises:
            ConfigError: the address or the CA file cannot be used.
        """
        self._config = config
        self._base = _checked_url(config.url)
        self._workspace = f"/w/{quote(config.workspace, safe='')}" if config.workspace else ""
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(config.timeout_s, connect=10.0),
            follow_redirects=False,
            verify=_ssl_context(config),
            auth=httpx.BasicAuth(config.username, config.password) if config.username else None,
            headers={
                "osd-xsrf": "true",
                "securitytenant": quote(config.tenant, safe=""),
                "user-agent": f"atlaslens-forwarder/{__version__}",
            },
        )

    async def close(self) -> None:
        """Close all connections."""
        await self._http.aclose()

    async def version(self) -> tuple[str, str]:
        """Its version, and a note where that is newer than what we know.

        Raises:
            UnreachableError: it does not answer, or refuses us.
            StoreError: it is not OpenSearch Dashboards, or too old.
        """
        answer = await self._ask("GET", "/api/status", what="tell its version")
        body = _json(answer)
        version = body.get("version") if isinstance(body, dict) else None
        number = str(version.get("number", "")) if isinstance(version, dict) else ""
        parts = [int(part) if part.isdigit() else 0 for part in number.split("-", 1)[0].split(".")]
        if not number or "osd-name" not in answer.headers:
            raise StoreError(
                "what answers is not OpenSearch Dashboards", hint="check the URL, its port and base path"
            )
        if tuple(parts[:2]) < _OLDEST:
            raise StoreError(
                f"OpenSearch Dashboards {number} is too old for these objects",
                hint="use 2.19 or later",
            )
        newer = parts[0] > _NEWEST_MAJOR
        return number, f"OpenSearch Dashboards {number} is newer than this version knows" if newer else ""

    async def check_tenant(self) -> None:
        """Refuse a tenant that is not there: Dashboards would silently take another.

        Raises:
            ConfigError: the account has no such tenant.
            UnreachableError: it does not answer, or refuses us.
        """
        tenant = self._config.tenant
        if tenant in _OWN_TENANTS:
            return
        path = "/api/v1/configuration/account"
        answer = await self._ask("GET", path, what="tell the tenants", allowed={_NOT_FOUND})
        if answer.status_code == _NOT_FOUND:
            raise ConfigError(
                f"there is no tenant {tenant[:80]}: this Dashboards has no security plugin",
                hint="leave the tenant out",
            )
        body = _json(answer)
        data = body.get("data", body) if isinstance(body, dict) else None
        tenants = data.get("tenants") if isinstance(data, dict) else None
        if isinstance(tenants, dict) and tenant not in tenants:
            raise ConfigError(
                f"there is no tenant {tenant[:80]} for this account", hint="check its name and the roles"
            )

    async def read(self, keys: Sequence[tuple[str, str]]) -> dict[tuple[str, str], JsonObject]:
        """Those of the objects (type, id) that are there.

        Raises:
            UnreachableError: it does not answer, or refuses us.
            StoreError: the answer has no known form, or an object may not be read.
        """
        asked: list[JsonValue] = [{"type": kind, "id": name} for kind, name in keys]
        answer = await self._ask(
            "POST", f"{self._workspace}/api/saved_objects/_bulk_get", what="read saved objects", json=asked
        )
        body = _json(answer)
        listed = body.get("saved_objects") if isinstance(body, dict) else None
        if not isinstance(listed, list):
            raise _unknown_form()
        found: dict[tuple[str, str], JsonObject] = {}
        for one in listed:
            if not isinstance(one, dict):
                raise _unknown_form()
            # With an error there are no attributes: not there (404), or of another workspace (403). The
            # import then tells what stands in the way.
            if "error" not in one:
                found[str(one.get("type")), str(one.get("id"))] = one
        return found

    async def put(self, objects: Sequence[JsonObject]) -> dict[tuple[str, str], str]:
        """Import objects over those of the same ids; why each of those failed that did.

        Raises:
            UnreachableError: it does not answer, or refuses us.
            StoreError: it takes none of them.
        """
        file = b"".join(compact_bytes(one) + b"\n" for one in objects)
        answer = await self._ask(
            "POST",
            f"{self._workspace}/api/saved_objects/_import?overwrite=true",
            what="import saved objects",
            files={"file": ("atlaslens.ndjson", file, "application/ndjson")},
        )
        body = _json(answer)
        if not isinstance(body, dict) or "success" not in body:
            raise _unknown_form()
        failed: dict[tuple[str, str], str] = {}
        errors = body.get("errors")
        for one in errors if isinstance(errors, list) else []:
            if isinstance(one, dict):
                failed[str(one.get("type")), str(one.get("id"))] = _why(one.get("error"))
        if body["success"] is not True and not failed:
            raise StoreError("OpenSearch Dashboards imported nothing", hint="see its log")
        return failed

    async def _ask(
        self,
        method: str,
        path: str,
        *,
        what: str,
        allowed: set[int] | None = None,
        json: JsonValue = None,
        files: dict[str, tuple[str, bytes, str]] | None = None,
    ) -> httpx.Response:
        content = compact_bytes(json) if json is not None else None
        headers = {"content-type": "application/json"} if json is not None else None
        try:
            answer = await self._http.request(
                method, f"{self._base}{path}", content=content, files=files, headers=headers
            )
        except httpx.TransportError as error:
            raise UnreachableError(
                f"OpenSearch Dashboards does not answer at {self._base}",
                hint=f"{type(error).__name__}: check the URL and whether it runs",
            ) from error
        if not answer.is_success and answer.status_code not in (allowed or set()):
            raise self._refusal(answer.status_code, what)
        return answer

    def _refusal(self, status: int, what: str) -> Exception:
        if status in _REFUSED:
            who = "this account" if self._config.username else "somebody without a user name"
            return UnreachableError(
                f"OpenSearch Dashboards does not let {who} {what} ({status})",
                hint="check user name, password and the rights in the tenant or workspace",
            )
        if status in _UNAVAILABLE:
            return UnreachableError(
                f"OpenSearch Dashboards is not ready ({status})", hint="try again in a minute; see its log"
            )
        if status == _TOO_LARGE:
            return StoreError(
                "OpenSearch Dashboards does not take a file of this size",
                hint="raise savedObjects.maxImportPayloadBytes, or the limit of the proxy before it",
            )
        if status == _UNPROCESSABLE:
            return StoreError(
                "OpenSearch Dashboards does not know the version of these objects",
                hint="they are for 2.19 and later",
            )
        if status == _NOT_FOUND or 300 <= status < 400:  # noqa: PLR2004  redirects
            return StoreError(
                f"OpenSearch Dashboards is not at {self._base} ({status})",
                hint="check the URL: port, base path, and the workspace where one is named",
            )
        return StoreError(f"OpenSearch Dashboards could not {what} ({status})", hint="see its log")


def _why(error: JsonValue) -> str:
    kind = str(error.get("type", "")) if isinstance(error, dict) else ""
    if isinstance(error, dict) and kind == "missing_references":
        listed = error.get("references")
        missing = [
            f"{one.get('type')} {one.get('id')}"
            for one in (listed if isinstance(listed, list) else [])
            if isinstance(one, dict)
        ]
        return f"refers to what is not there: {', '.join(missing[:3])}"
    return {
        "conflict": "an object of this id exists in another workspace",
        "ambiguous_conflict": "several objects of this origin exist",
        "unsupported_type": "this Dashboards does not know the type",
    }.get(kind, "refused; see the log of Dashboards")


def _unknown_form() -> StoreError:
    return StoreError("OpenSearch Dashboards answered in an unknown form", hint="check the URL")


def _json(answer: httpx.Response) -> JsonValue:
    try:
        value: JsonValue = answer.json()
    except ValueError:  # not chained: it quotes the answer
        raise StoreError(
            "what answers is not OpenSearch Dashboards", hint="check the URL, its port and base path"
        ) from None
    return value


def _checked_url(url: str) -> str:
    hint = "write it as https://host:5601"
    try:
        parts = urlsplit(url.strip())
        port = parts.port
    except ValueError:  # neither the URL nor the cause is shown: either may hold a password
        raise ConfigError("the URL of Dashboards cannot be read", hint=hint) from None
    if parts.username is not None or parts.password is not None:
        raise ConfigError(
            "the URL of Dashboards holds a user name or password", hint="set them as settings instead"
        )
    if parts.scheme not in {"http", "https"} or not parts.hostname or port == 0:
        raise ConfigError("the URL of Dashboards is not http:// or https:// with a host", hint=hint)
    if parts.query or parts.fragment:
        raise ConfigError("the URL of Dashboards holds a query or fragment", hint=hint)
    return f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"


def _ssl_context(config: DashboardsConfig) -> ssl.SSLContext | bool:
    if not config.url.strip().lower().startswith("https"):
        return True
    return client_context(config.ca_file, verify=config.verify)
