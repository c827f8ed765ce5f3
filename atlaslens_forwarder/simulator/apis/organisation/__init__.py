"""The events of an organisation: ``/admin/v1/orgs/{orgId}/events`` and ``events-stream``.

Sources: developer.atlassian.com/cloud/admin/organization/rest (Events); ``atlassian_cloud`` of
elastic/integrations. The stream is a window on ``processedAt`` and gives a cursor with its last page too; a
request with a cursor needs nothing else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.organisation import lists
from atlaslens_forwarder.simulator.apis.organisation.part import OrganisationPart
from atlaslens_forwarder.simulator.calls import Answer, Api, Call, Need, Product, Route
from atlaslens_forwarder.simulator.refusals import not_found

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.site import Site

_BASE: Final = "/admin/v1/orgs/{organisation}"


def _route(name: str, handle: Callable[[Site, Call], Answer]) -> Route:
    """A route below the organisation; 404 where that is not ours."""

    def answer(site: Site, call: Call) -> Answer:
        if call.names["organisation"] != site.credentials.organisation_id:
            return not_found(Product.ORGANISATION)
        return handle(site, call)

    return Route(Product.ORGANISATION, f"{_BASE}/{name}", answer, Need.PERSON)


API: Final = Api(
    routes=(_route("events", lists.get_events), _route("events-stream", lists.get_stream)),
    part=OrganisationPart,
)
