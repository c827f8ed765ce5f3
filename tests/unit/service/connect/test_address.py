"""What people write for a site, and what it becomes."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.service.connect.address import name_of, normalise_address, normalise_site


@pytest.mark.parametrize(
    "text",
    [
        "acme",
        " Acme ",
        "acme.atlassian.net",
        "ACME.atlassian.net.",
        "https://acme.atlassian.net",
        "https://acme.atlassian.net/",
        "http://acme.atlassian.net/wiki/spaces/ENG?x=y#z",
        "HTTPS://acme.atlassian.net:443/jira/software/projects/ENG/boards/1",
        "acme.atlassian.net/jira",
    ],
)
def test_every_way_to_write_a_site_is_one_address(text):
    assert normalise_site(text) == "https://acme.atlassian.net"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://127.0.0.1:8123", "http://127.0.0.1:8123"),
        ("http://127.0.0.1:8123/wiki/", "http://127.0.0.1:8123"),
        ("localhost:8123", "http://localhost:8123"),
        ("http://[::1]:8123", "http://[::1]:8123"),
        ("acme.atlassian-us-gov-mod.net", "https://acme.atlassian-us-gov-mod.net"),
        ("my-company-2", "https://my-company-2.atlassian.net"),
    ],
)
def test_a_simulator_keeps_scheme_and_port(text, url):
    assert normalise_site(text) == url


@pytest.mark.parametrize(
    "text",
    [
        "",
        "   ",
        "jira.corp.example",
        "https://acme.atlassian.net.evil.example",
        "https://acme.evil.example/acme.atlassian.net",
        "https://atlassian.net",
        "https://a.b.atlassian.net",
        "https://user:seeded-secret@acme.atlassian.net",
        "ftp://acme.atlassian.net",
        "https://acme.atlassian.net:8443",
        "https://acme.atlassian.net:port",
        "https://[::1",
        "seeded-secret token",
        "seeded-secret@corp.example",
        "https://api.atlassian.com",
        "admin.atlassian.com",
        "bitbucket.org/acme",
        "http://192.0.2.7",
        "-acme",
    ],
)
def test_what_is_no_site_is_refused_and_not_repeated(text):
    with pytest.raises(ConfigError) as caught:
        normalise_site(text)

    assert "seeded-secret" not in caught.value.one_line()
    assert caught.value.hint


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://acme.atlassian.net", "acme"),
        ("https://my-company--2.atlassian.net", "my_company_2"),
        ("http://127.0.0.1:8123", "local"),
    ],
)
def test_the_name_comes_from_the_host(url, name):
    assert name_of(url) == name


def test_other_servers_are_asked_over_https_only_but_on_this_machine():
    assert (
        normalise_address("https://Gateway.example:8443/x", "--gateway-url") == "https://gateway.example:8443"
    )
    assert normalise_address("http://127.0.0.1:1", "--gateway-url") == "http://127.0.0.1:1"
    for wrong in ("http://gateway.example", "gateway.example", "https://a@b.example", "https://x:port"):
        with pytest.raises(ConfigError, match="--gateway-url"):
            normalise_address(wrong, "--gateway-url")
