"""Confluence content: the lists of the REST API v2 and the search of v1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator import refusals
from atlaslens_forwarder.simulator.apis.confluence_content.cursors import BadParameterError, refused
from atlaslens_forwarder.simulator.apis.confluence_content.lists import API as V2
from atlaslens_forwarder.simulator.apis.confluence_content.lists import (
    PATHS,
    get_item,
    get_items,
    get_spaces,
    get_versions,
)
from atlaslens_forwarder.simulator.apis.confluence_content.part import ContentPart
from atlaslens_forwarder.simulator.apis.confluence_content.search import get_results
from atlaslens_forwarder.simulator.calls import Answer, Api, Call, Need, Product, Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.site import Site


def _licensed(product: Product, handle: Callable[[Site, Call], Answer]) -> Callable[[Site, Call], Answer]:
    """The handler behind licence and scope; parameters that cannot be served are 400."""

    def answer(site: Site, call: Call) -> Answer:
        if site.faults.content_no_scope and call.at_gateway:
            return refusals.missing_scope()
        if site.faults.content_no_licence:
            return refusals.no_permission(product)
        try:
            served = handle(site, call)
        except BadParameterError as error:
            return refused(error)
        hidden = {} if call.caller.is_known else refusals.ANONYMOUS_HEADER
        return Answer(
            served.status, served.body, {**served.headers, **hidden}, served.content_type, served.rows
        )

    return answer


def _route(path: str, handle: Callable[[Site, Call], Answer]) -> Route:
    product = Product.CONFLUENCE_V2 if path.startswith(V2) else Product.CONFLUENCE
    return Route(product, path, _licensed(product, handle), Need.PERSON)


API: Final = Api(
    routes=(
        _route(f"{V2}/spaces", get_spaces),
        *(_route(path, get_items(kind)) for kind, path in PATHS.items()),
        *(_route(f"{path}/{{id}}", get_item(kind)) for kind, path in PATHS.items()),
        *(_route(f"{path}/{{id}}/versions", get_versions(kind)) for kind, path in PATHS.items()),
        _route("/wiki/rest/api/search", get_results),
    ),
    part=ContentPart,
)
