"""Which kind of token this is. Classic and scoped ones look alike, so the doors are tried, each once at most.

A login that fails counts towards a CAPTCHA: no refusal is tried again, and no more than three are risked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import AccessError, ConfigError, NotFoundError
from atlaslens_forwarder.http.access import Api, TokenKind, path_of
from atlaslens_forwarder.http.classify import CAPTCHA
from atlaslens_forwarder.model.status import SourceStatus

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from atlaslens_forwarder.http.client import AtlassianClient

API_TOKEN_START: Final = "ATATT"  # noqa: S105  a prefix
"""How API tokens begin, classic and scoped ones alike."""
_WHO_AM_I: Final = (
    (Api.JIRA, "/rest/api/3/myself", "jira-myself"),
    (Api.CONFLUENCE, "/wiki/rest/api/user/current", "confluence-myself"),
)
_WORKSPACES_PAGE: Final = 100


def possible_kinds(email: str, token: str) -> tuple[TokenKind, ...]:
    """The kinds that a token can be, in the order in which they are tried. Pure.

    Raises:
        ConfigError: an API token without the e-mail it goes with.
    """
    is_api_token = token.startswith(API_TOKEN_START)
    if not email:
        if is_api_token:
            raise ConfigError("an API token goes with the e-mail of its account", hint="give --email as well")
        return (TokenKind.BEARER,)
    either = (TokenKind.CLASSIC, TokenKind.SCOPED)
    return either if is_api_token else (*either, TokenKind.BEARER)


async def find_kind(kinds: Sequence[TokenKind], knock: Callable[[TokenKind], Awaitable[bool]]) -> TokenKind:
    """The first kind whose door opens.

    Args:
        kinds: what the token can be.
        knock: whether the token opens the door of a kind; see :func:`opens`.

    Raises:
        AccessError: no door opens, or the account has to answer a CAPTCHA first.
        TransientError: a server does not answer.
    """
    for kind in kinds:
        if await knock(kind):
            return kind
    raise AccessError(
        "the gateway does not accept the token"
        if [*kinds] == [TokenKind.BEARER]
        else "neither the site nor the gateway accepts the token",
        status=SourceStatus.EXPIRED,
        hint="check e-mail and token; tokens expire: make a new one at id.atlassian.com",
    )


async def opens(client: AtlassianClient) -> bool:
    """Whether the client's credential is known behind its door, whatever it may do there.

    Raises:
        AccessError: the account has to answer a CAPTCHA.
        TransientError: the server does not answer.
    """
    is_known = False
    for api, path, endpoint in _WHO_AM_I:
        try:
            answer = await client.get(api, path, {}, endpoint=endpoint)
        except NotFoundError:
            continue  # the product is not on this site, or not behind this door
        except AccessError as error:
            if error.message == CAPTCHA:
                raise
            if error.status is SourceStatus.EXPIRED:
                return False
            is_known = True  # refused for want of a scope or a licence: who it is was known
            continue
        return isinstance(answer.value, dict) and bool(answer.value.get("accountId"))
    return is_known


async def find_workspaces(client: AtlassianClient) -> tuple[str, ...]:
    """The Bitbucket workspaces of the account that an API token belongs to, in the order of their names.

    Raises:
        SourceError: the token is not accepted, or may not tell.
    """
    found: set[str] = set()
    path, params = "/2.0/user/workspaces", {"pagelen": _WORKSPACES_PAGE}
    seen: set[str] = set()
    while path not in seen:
        seen.add(path)
        answer = await client.get(Api.BITBUCKET, path, params, endpoint="bitbucket-workspaces")
        page = answer.value if isinstance(answer.value, dict) else {}
        values = page.get("values")
        for value in values if isinstance(values, list) else []:
            match value:
                case {"workspace": {"slug": str(slug)}} | {"slug": str(slug)}:
                    found.add(slug)
        following = page.get("next")
        if not isinstance(following, str):
            break
        path, params = path_of(following), {}
    return tuple(sorted(found))


async def check_workspace(client: AtlassianClient, workspace: str) -> None:
    """Return when the credential may list the repositories of a workspace.

    Raises:
        SourceError: it may not.
    """
    await client.get(
        Api.BITBUCKET, f"/2.0/repositories/{workspace}", {"pagelen": 1}, endpoint="bitbucket-repositories"
    )
