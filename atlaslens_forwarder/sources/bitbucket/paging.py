"""Lists of the Bitbucket Cloud REST API 2.0: ``{values, next?, size?}``; only ``next`` leads on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.http.access import Api, path_of
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from atlaslens_forwarder.http.client import AtlassianClient, Params
    from atlaslens_forwarder.model.json import JsonObject


async def pages(
    client: AtlassianClient, path: str, params: Params, *, endpoint: str
) -> AsyncIterator[list[JsonObject]]:
    """The pages of a list, to its end.

    Raises:
        SourceError: a page cannot be had, does not have the documented form, or leads back to one before it.
    """
    asked: set[str] = set()
    while True:
        answer = await client.get(Api.BITBUCKET, path, params, endpoint=endpoint)
        found = answer.value if isinstance(answer.value, dict) else {}
        values, link = found.get("values"), found.get("next")
        if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
            raise FormatError("a Bitbucket list has no list of objects", status=SourceStatus.UNREADABLE)
        yield [value for value in values if isinstance(value, dict)]
        if not isinstance(link, str) or not link:
            return
        path, params = path_of(link), {}
        if path in asked:
            raise FormatError("a Bitbucket list leads in a circle", status=SourceStatus.UNREADABLE)
        asked.add(path)
