"""Bodies of refusals, in each product's own form."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.calls import Answer, Product

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

ANONYMOUS_HEADER: Final = {"X-Seraph-Loginreason": "AUTHENTICATED_FAILED"}

_NOT_AUTHENTICATED: Final = "Client must be authenticated to access this resource."
_JIRA_FREE: Final = (
    "Audit logs aren't available for this site as all of its Jira Cloud products are on Free plans. "
    "Upgrade at least one of them."
)
_CONFLUENCE_FREE: Final = (
    "Cannot make this request because you are on Free edition. Please upgrade to standard or premium."
)
_GONE: Final = (
    "The requested API has been removed. Please migrate to the /rest/api/3/search/jql API. A full migration "
    "guideline is available at https://developer.atlassian.com/changelog/#CHANGE-2046"
)


_V2_CODES: Final = {
    400: "INVALID_REQUEST_PARAMETER",
    401: "UNAUTHORIZED",
    403: "FORBIDDEN",
    404: "NOT_FOUND",
}


def refusal(product: Product, status: int, message: str) -> Answer:
    """An error in the product's form: Jira's collection, Confluence v1's message, the gateway's code."""
    body: JsonObject
    if product is Product.JIRA:
        body = {"errorMessages": [message], "errors": {}}
    elif product is Product.JSM:
        body = {"errorMessage": message, "i18nErrorMessage": {"i18nKey": "", "parameters": []}}
    elif product is Product.CONFLUENCE:
        body = {"statusCode": status, "message": message}
    elif product is Product.CONFLUENCE_V2:
        code = _V2_CODES.get(status, "ERROR")
        body = {"errors": [{"status": status, "code": code, "title": message, "detail": None}]}
    elif product is Product.ORGANISATION:
        code = _V2_CODES.get(status, "ERROR")
        body = {"errors": [{"status": str(status), "code": code, "title": message}]}
    elif product is Product.BITBUCKET:
        body = {"type": "error", "error": {"message": message}}
    else:
        body = {"code": status, "message": message}
    return Answer(status, body)


def not_authenticated(product: Product) -> Answer:
    """401 of a product."""
    return refusal(product, 401, _NOT_AUTHENTICATED)


def gateway_unauthorized() -> Answer:
    """401 of the gateway: the token is unknown there."""
    return refusal(Product.EDGE, 401, "Unauthorized")


def missing_scope() -> Answer:
    """A token without the scope: 401 and not 403, in the gateway's form."""
    return refusal(Product.EDGE, 401, "Unauthorized; scope does not match")


def free_plan(product: Product) -> Answer:
    """403 of a site that has no paid plan."""
    return refusal(product, 403, _JIRA_FREE if product is Product.JIRA else _CONFLUENCE_FREE)


def no_permission(product: Product) -> Answer:
    """403 of a person who is no administrator."""
    if product is Product.JIRA:
        return refusal(product, 403, "You do not have permission to view audit records.")
    return refusal(product, 403, "Current user not permitted to use Confluence")


def gone(product: Product) -> Answer:
    """410 of a removed route."""
    return refusal(product, 410, _GONE)


def not_found(product: Product) -> Answer:
    """404 of an unknown path."""
    return refusal(product, 404, "Not Found")


def bad_request(product: Product, message: str) -> Answer:
    """400 with the product's body."""
    return refusal(product, 400, message)


def wrong_media_type(content_type: str, path: str) -> Answer:
    """415 of a POST whose body is not declared as JSON, as a problem document (RFC 9457)."""
    body: JsonObject = {
        "title": "Unsupported Media Type",
        "detail": f"Content-Type '{content_type or 'null'}' is not supported.",
        "instance": path,
    }
    return Answer(415, body, content_type="application/problem+json")


def login_page(form: str) -> Answer:
    """What a browser would get: the page itself, or the way to it."""
    page = (
        "<!DOCTYPE html><html><head><title>Log in with Atlassian account</title></head><body></body></html>"
    )
    if form == "redirect":
        return Answer(302, "", {"Location": "https://id.atlassian.com/login"}, "text/html")
    return Answer(200, page, {}, "text/html")
