"""Where a credential is used, and how it is shown."""

from __future__ import annotations

import base64

import pytest

from atlaslens_forwarder.http.access import Api, SiteAccess, TokenKind


def access(kind: TokenKind) -> SiteAccess:
    return SiteAccess(
        "acme",
        "https://acme.atlassian.net",
        "https://api.atlassian.com",
        "c-1",
        kind,
        "ada@corp.example",
        "s3cret",
    )


def test_a_classic_token_goes_to_the_site():
    assert access(TokenKind.CLASSIC).url(Api.JIRA, "/rest/x") == "https://acme.atlassian.net/rest/x"


@pytest.mark.parametrize("kind", [TokenKind.SCOPED, TokenKind.BEARER])
def test_other_tokens_go_to_the_gateway(kind):
    assert access(kind).url(Api.CONFLUENCE, "/wiki/x") == "https://api.atlassian.com/ex/confluence/c-1/wiki/x"


def test_the_header_fits_the_kind_of_token():
    basic = "Basic " + base64.b64encode(b"ada@corp.example:s3cret").decode()

    assert access(TokenKind.CLASSIC).authorization == access(TokenKind.SCOPED).authorization == basic
    assert access(TokenKind.BEARER).authorization == "Bearer s3cret"


def test_no_credential_is_shown():
    shown = repr(access(TokenKind.CLASSIC)) + str(access(TokenKind.BEARER))

    assert "s3cret" not in shown
    assert "corp.example" not in shown
