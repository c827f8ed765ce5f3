"""Which kind of token it is: what is tried, in which order, and when to stop."""

from __future__ import annotations

import httpx
import pytest

from atlaslens_forwarder.errors import AccessError, ConfigError, TransientError
from atlaslens_forwarder.http.access import SiteAccess, TokenKind
from atlaslens_forwarder.http.budget import FairBudget, per_second
from atlaslens_forwarder.http.client import AtlassianClient
from atlaslens_forwarder.http.retry import RetryPolicy
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.service.connect.credential import find_kind, find_workspaces, opens, possible_kinds
from atlaslens_forwarder.service.connect.probe import Quiet

CLASSIC, SCOPED, BEARER = TokenKind.CLASSIC, TokenKind.SCOPED, TokenKind.BEARER
JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("email", "token", "kinds"),
    [
        ("a@b.example", "ATATT3xFf", (CLASSIC, SCOPED)),
        ("a@b.example", "something", (CLASSIC, SCOPED, BEARER)),
        ("", "eyJ0", (BEARER,)),
    ],
)
def test_what_a_token_can_be(email, token, kinds):
    assert possible_kinds(email, token) == kinds


def test_an_api_token_needs_its_email():
    with pytest.raises(ConfigError, match="e-mail"):
        possible_kinds("", "ATATT3xFf")


@pytest.mark.parametrize("fits", [CLASSIC, SCOPED, BEARER])
async def test_the_first_door_that_opens_decides_and_no_other_is_tried(fits):
    tried = []

    async def knock(kind):
        tried.append(kind)
        return kind is fits

    assert await find_kind((CLASSIC, SCOPED, BEARER), knock) is fits
    assert tried == [CLASSIC, SCOPED, BEARER][: tried.index(fits) + 1]


async def test_no_door_is_tried_twice():
    tried = []

    async def knock(kind):
        tried.append(kind)
        return False

    with pytest.raises(AccessError, match="neither the site nor the gateway") as caught:
        await find_kind((CLASSIC, SCOPED, BEARER), knock)
    assert caught.value.status is SourceStatus.EXPIRED
    assert tried == [CLASSIC, SCOPED, BEARER]
    with pytest.raises(AccessError, match="the gateway does not accept"):
        await find_kind((BEARER,), knock)


class Server:
    """Answers by path; what it was asked is written down."""

    def __init__(self, answers):
        self.asked = []
        self._answers = answers

    def __call__(self, request):
        self.asked.append(request.url.path)
        return self._answers[request.url.path.rpartition("/")[2]]


def client_of(server):
    access = SiteAccess("acme", "https://acme.example", "", "", CLASSIC, "a@b.example", "token")
    http = httpx.AsyncClient(transport=httpx.MockTransport(server))
    return AtlassianClient(
        access,
        http,
        budget=FairBudget(per_second(1000)),
        observer=Quiet(),
        clock=lambda: 0,
        policy=RetryPolicy(tries=1),
    )


KNOWN = httpx.Response(200, json={"accountId": "712020:x"})
ANONYMOUS = httpx.Response(200, json={"type": "anonymous"})
SILENT = httpx.Response(200, json={"accountId": ""}, headers={"X-Seraph-Loginreason": "AUTHENTICATED_FAILED"})
REFUSED = httpx.Response(401, json={})
NO_SCOPE = httpx.Response(401, json={"code": 401, "message": "Unauthorized; scope does not match"})
FORBIDDEN = httpx.Response(403, json={})
MISSING = httpx.Response(404, json={})
LOGIN = httpx.Response(302, headers={"Location": "https://id.atlassian.com/login"})


@pytest.mark.parametrize(
    ("jira", "confluence", "known", "requests"),
    [
        (KNOWN, REFUSED, True, 1),
        (REFUSED, KNOWN, False, 1),  # one failed login is enough
        (SILENT, KNOWN, False, 1),
        (LOGIN, KNOWN, False, 1),
        (ANONYMOUS, KNOWN, False, 1),
        (NO_SCOPE, REFUSED, False, 2),
        (NO_SCOPE, NO_SCOPE, True, 2),
        (NO_SCOPE, MISSING, True, 2),
        (MISSING, KNOWN, True, 2),
        (FORBIDDEN, KNOWN, True, 2),
        (FORBIDDEN, MISSING, True, 2),
        (MISSING, MISSING, False, 2),
        (MISSING, ANONYMOUS, False, 2),
    ],
)
async def test_a_door_is_open_to_who_is_known_behind_it(jira, confluence, known, requests):
    server = Server({"myself": jira, "current": confluence})

    assert await opens(client_of(server)) is known
    assert len(server.asked) == requests


async def test_a_captcha_ends_it():
    captcha = httpx.Response(403, json={}, headers={"X-Seraph-LoginReason": "AUTHENTICATION_DENIED"})
    with pytest.raises(AccessError, match="CAPTCHA"):
        await opens(client_of(Server({"myself": captcha})))


async def test_a_server_that_fails_proves_nothing():
    with pytest.raises(TransientError):
        await opens(client_of(Server({"myself": httpx.Response(503)})))


async def test_workspaces_are_read_to_the_last_page_and_a_page_that_repeats_ends_it():
    pages = {
        None: {"values": [{"workspace": {"slug": "b"}}], "next": "https://api.bitbucket.org/2.0/user/workspaces?page=2"},
        "2": {"values": [{"workspace": {"slug": "a"}}, {"odd": 1}], "next": "https://x.example/2.0/user/workspaces?page=2"},
    }  # fmt: skip

    def answer(request):
        assert request.url.host == "acme.example"  # never where a link says
        return httpx.Response(200, json=pages[request.url.params.get("page")])

    assert await find_workspaces(client_of(answer)) == ("a", "b")
