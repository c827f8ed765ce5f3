"""Who is asking, what site this is, and the routes every client calls first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.auth import SCOPES
from atlaslens_forwarder.simulator.calls import Answer, Api, Call, Caller, Need, Product, Route
from atlaslens_forwarder.simulator.refusals import ANONYMOUS_HEADER, gateway_unauthorized, gone
from atlaslens_forwarder.simulator.world.jira_rows import jira_time

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site


def _links(site: Site) -> JsonObject:
    base = f"{site.url}/wiki"
    return {"base": base, "context": "/wiki", "self": f"{base}/rest/api/user/current"}


def get_tenant(site: Site, call: Call) -> Answer:
    """The site's cloud id, told to everybody."""
    del call
    return Answer(200, {"cloudId": site.cloud_id})


def get_resources(site: Site, call: Call) -> Answer:
    """The sites an OAuth token may use; other tokens are refused."""
    if call.caller is not Caller.BEARER:
        return gateway_unauthorized()
    scopes: list[JsonValue] = [*SCOPES]
    resource: JsonObject = {
        "id": site.cloud_id,
        "name": site.world.spec.site,
        "url": site.url,
        "scopes": scopes,
        "avatarUrl": f"{site.url}/avatar.png",
    }
    return Answer(200, [resource])


def get_server_info(site: Site, call: Call) -> Answer:
    """Version and address; anonymous callers get it too, which hides an expired token."""
    body: JsonObject = {
        "baseUrl": site.url,
        "displayUrl": site.url,
        "displayUrlConfluence": site.url,
        "displayUrlServicedeskHelpCenter": site.url,
        "version": "1001.0.0-SNAPSHOT",
        "versionNumbers": [1001, 0, 0],
        "deploymentType": "Cloud",
        "buildNumber": 100286,
        "buildDate": "2026-01-05T09:00:00.000+0000",
        "serverTime": jira_time(site.now_ms()),
        "scmInfo": "0f1e2d3c4b5a69788796a5b4c3d2e1f001122334",
        "serverTitle": "Jira",
        "serverTimeZone": "Etc/UTC",
    }
    return Answer(200, body, ANONYMOUS_HEADER if call.caller is Caller.REJECTED else {})


def get_myself(site: Site, call: Call) -> Answer:
    """The account of the credential, in Jira's form."""
    del call
    person = site.world.people.collector
    naming = site.world.names.of(person)
    picture = f"{site.url}/avatar.png"
    body: JsonObject = {
        "self": f"{site.url}/rest/api/3/user?accountId={person.account_id}",
        "accountId": person.account_id,
        "accountType": naming.account_type,
        "emailAddress": person.email,
        "avatarUrls": {"48x48": picture, "24x24": picture, "16x16": picture, "32x32": picture},
        "displayName": naming.display_name,
        "active": True,
        "timeZone": site.faults.time_zone,
        "locale": "en_US",
        "groups": {"size": 2, "items": []},
        "applicationRoles": {"size": 1, "items": []},
        "expand": "groups,applicationRoles",
    }
    return Answer(200, body)


def get_current_user(site: Site, call: Call) -> Answer:
    """The account of the credential, in Confluence's form; strangers, where let in, are "anonymous"."""
    if not call.caller.is_known:
        anonymous: JsonObject = {
            "type": "anonymous",
            "displayName": "Anonymous",
            "operations": None,
            "isExternalCollaborator": False,
            "_links": _links(site),
        }
        return Answer(200, anonymous, ANONYMOUS_HEADER)
    person = site.world.people.collector
    naming = site.world.names.of(person)
    body: JsonObject = {
        "type": "known",
        "accountId": person.account_id,
        "accountType": naming.account_type,
        "email": person.email,
        "publicName": naming.public_name,
        "displayName": naming.display_name,
        "timeZone": "Etc/UTC",
        "isExternalCollaborator": naming.is_external,
        "_expandable": {"operations": "", "personalSpace": ""},
        "_links": _links(site),
    }
    return Answer(200, body)


def get_removed(site: Site, call: Call) -> Answer:
    """The old search, removed in 2025."""
    del site, call
    return gone(Product.JIRA)


API: Final = Api(
    routes=(
        Route(Product.EDGE, "/_edge/tenant_info", get_tenant, Need.NOTHING),
        Route(Product.EDGE, "/oauth/token/accessible-resources", get_resources, Need.NOTHING),
        Route(Product.JIRA, "/rest/api/3/serverInfo", get_server_info, Need.NOTHING),
        Route(Product.JIRA, "/rest/api/3/myself", get_myself),
        Route(Product.JIRA, "/rest/api/3/search", get_removed, Need.NOTHING, methods=("GET", "POST")),
        Route(Product.CONFLUENCE, "/wiki/rest/api/user/current", get_current_user),
    ),
)
