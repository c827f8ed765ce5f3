"""What is told when certificates or accounts are wrong; certificates of clients."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime

import pytest

from atlaslens_forwarder.certificates import CERTIFICATE_LIFE, Unit, issue, new_authority
from atlaslens_forwarder.errors import AtlaslensError, ConfigError
from atlaslens_forwarder.provision.security.roles import WRITER
from atlaslens_forwarder.storage.client import OpenSearchConfig, check_version, open_client


async def problem(config) -> AtlaslensError:
    """What goes wrong, in one line without a password or a user's name."""
    client = open_client(config)
    try:
        with pytest.raises(AtlaslensError) as caught:
            await check_version(client)
    finally:
        await client.close()
    line = caught.value.one_line()
    assert "\n" not in line
    assert "atlaslens-" not in line.replace("atlaslens-forwarder", "")
    return caught.value


@pytest.fixture(scope="module")
def stranger(tmp_path_factory):
    """The folder of another authority, with a client's certificate."""
    folder = tmp_path_factory.mktemp("stranger")
    now = datetime.now(UTC)
    authority = new_authority(now)
    (folder / "ca.pem").write_text(authority.certificate)
    for unit, name, hosts, made_at in (
        (Unit.CLIENT, "client", (), now),
        (Unit.SERVER, "expired", ("127.0.0.1",), now - CERTIFICATE_LIFE),
        (Unit.SERVER, "elsewhere", ("search.example",), now),
    ):
        pair = issue(authority, unit, name, hosts, made_at)
        (folder / f"{name}.pem").write_text(pair.certificate)
        (folder / f"{name}.key").write_text(pair.key)
    return folder


async def test_a_server_that_nobody_we_trust_vouches_for(secured, stranger):
    found = await problem(secured.config(ca_file=stranger / "ca.pem"))

    assert "signed by nobody we trust" in found.message
    assert "CA_FILE" in found.hint


@pytest.mark.parametrize(
    ("server", "told"), [("expired", "has expired"), ("elsewhere", "is for another host")]
)
async def test_a_server_whose_certificate_does_not_hold(stranger, server, told):
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(stranger / f"{server}.pem", stranger / f"{server}.key")
    listening = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0, ssl=context)
    async with listening:
        port = listening.sockets[0].getsockname()[1]
        found = await problem(OpenSearchConfig(f"https://127.0.0.1:{port}", ca_file=stranger / "ca.pem"))

    assert told in found.message


async def test_credentials_that_are_missing_or_wrong(secured):
    nothing = await problem(secured.config())
    wrong = await problem(secured.config(WRITER.name, password="geheim"))

    assert [found.exit_code for found in (nothing, wrong)] == [3, 3]
    assert "credentials" in nothing.message
    assert "check user name and password" in wrong.hint


async def test_a_right_that_is_missing_is_named(secured):
    config = secured.config(
        client_cert=secured.security.folder / "nobody.pem", client_key=secured.security.folder / "nobody.key"
    )

    found = await problem(config)

    assert "(403)" in found.message
    assert "cluster:monitor/main" in found.hint


async def test_a_certificate_of_a_stranger_is_not_taken(secured, stranger):
    pair = {"client_cert": stranger / "client.pem", "client_key": stranger / "client.key"}

    assert "does not take our client certificate" in (await problem(secured.config(**pair))).message


async def test_a_certificate_and_the_key_of_another(secured, stranger):
    pair = {"client_cert": stranger / "client.pem", "client_key": stranger / "expired.key"}

    with pytest.raises(ConfigError, match="client certificate"):
        open_client(secured.config(**pair))


async def test_a_certificate_in_the_name_of_the_writer_is_the_writer(secured):
    folder = secured.security.folder
    pair = {"client_cert": folder / f"{WRITER.name}.pem", "client_key": folder / f"{WRITER.name}.key"}
    client = open_client(secured.config(**pair))
    try:
        who = await client.transport.perform_request("GET", "/_plugins/_security/authinfo")
        assert (who["user_name"], who["roles"]) == (WRITER.name, [WRITER.name])
        assert (await check_version(client)).append_only
    finally:
        await client.close()
