"""Opening the client: what the user wrote is checked, and secrets are never shown."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client

SECRET = "hunter2-ü"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:9200",
        "ftp://localhost",
        "https://",
        "http://host:port",
        "http://host:99999",
        "http://[::1",
        f"https://admin:{SECRET}@host:9200",
        f"https://{SECRET}@host",
        "http://host?x=1",
        "http://host#x",
    ],
)
def test_an_unusable_url_is_refused_without_showing_it(url):
    with pytest.raises(ConfigError) as caught:
        open_client(OpenSearchConfig(url))

    assert SECRET not in caught.value.one_line()
    assert caught.value.hint


def test_the_password_is_not_in_the_repr():
    assert SECRET not in repr(OpenSearchConfig("http://host", username="u", password=SECRET))


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("http://host", "http://host:80"),
        ("https://host", "https://host:443"),
        ("https://host:9200/search/", "https://host:9200"),
        ("http://[::1]:9200", "http://[::1]:9200"),
    ],
)
async def test_host_port_and_scheme_come_from_the_url(url, base):
    client = open_client(OpenSearchConfig(url))
    await client.transport._async_call()

    connection = client.transport.get_connection()

    assert connection.host == base
    assert connection.url_prefix == ("/search" if "search" in url else "")


async def test_a_password_beyond_latin_1_is_sent_as_utf_8():
    client = open_client(OpenSearchConfig("http://host", username="jörg", password="pä€ss"))
    await client.transport._async_call()

    assert client.transport.get_connection().headers["authorization"] == "Basic asO2cmc6cMOk4oKsc3M="


def test_a_missing_ca_file_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"nothing\.pem"):
        open_client(OpenSearchConfig("https://host", ca_file=tmp_path / "nothing.pem"))


def test_a_broken_client_certificate_is_named(tmp_path):
    broken = tmp_path / "client.pem"
    broken.write_text("no certificate")

    with pytest.raises(ConfigError, match=r"client\.pem"):
        open_client(OpenSearchConfig("https://host", client_cert=broken))


def test_several_nodes_must_be_reached_in_one_way():
    with pytest.raises(ConfigError, match="mix http and https"):
        open_client(OpenSearchConfig("http://one:9200,https://two:9200"))


@pytest.mark.parametrize(
    "url", ["http://one:9200,", "http://one:9200,,http://two", f"http://a,http://u:{SECRET}@b"]
)
def test_each_of_several_urls_is_checked(url):
    with pytest.raises(ConfigError) as caught:
        open_client(OpenSearchConfig(url))

    assert SECRET not in caught.value.one_line()


async def test_all_nodes_are_known(recwarn):
    client = open_client(OpenSearchConfig("http://one:9200, http://two/search"))
    await client.transport._async_call()

    connections = client.transport.connection_pool.connections
    assert {each.host for each in connections} == {"http://one:9200", "http://two:80"}
    await client.close()
    assert not recwarn.list
