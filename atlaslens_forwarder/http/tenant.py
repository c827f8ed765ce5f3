"""``GET /_edge/tenant_info``: a site's cloud id, for which no credential is needed."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from atlaslens_forwarder.errors import FormatError, TransientError
from atlaslens_forwarder.http.bounded import read_bounded
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonValue


async def ask_cloud_id(http: httpx.AsyncClient, site_url: str) -> str:
    """The cloud id of the site at an address.

    Raises:
        TransientError: the site does not answer.
        FormatError: what answers is no Atlassian Cloud site.
    """
    hint = "check the site address, or set the site's cloud_id"
    try:
        async with http.stream("GET", f"{site_url}/_edge/tenant_info") as response:
            content = await read_bounded(response)
    except (httpx.TransportError, httpx.DecodingError) as error:
        raise TransientError(
            f"{site_url} does not answer ({type(error).__name__})", status=SourceStatus.UNREACHABLE, hint=hint
        ) from error
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS or response.is_server_error:
        raise TransientError(
            f"{site_url} answers with HTTP {response.status_code}", status=SourceStatus.UNREACHABLE, hint=hint
        )
    try:
        value: JsonValue = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    cloud_id = value.get("cloudId") if isinstance(value, dict) else None
    if not isinstance(cloud_id, str) or not cloud_id:
        raise FormatError(
            f"{site_url} is no Atlassian Cloud site", status=SourceStatus.UNREACHABLE, hint=hint
        )
    return cloud_id
