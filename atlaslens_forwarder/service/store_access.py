"""Which account does what in OpenSearch, and the clients that act for them.

The main account writes. Three others may be set apart, see docs/settings.md; the main one plays the part
of any that is not.
"""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.storage.client import OpenSearchConfig, check_version, open_client

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.settings import AccountSettings, Settings
    from atlaslens_forwarder.storage.client import ClusterInfo


class Account(StrEnum):
    """The parts that accounts play."""

    WRITER = "writer"
    """The main one: creates events, keeps state, people and the custody log."""
    READER = "reader"
    """Searches events: exports, views, rules, what is stored already."""
    KEEPER = "keeper"
    """Creates months, puts them under their retention, removes the expired."""
    ADMIN = "admin"
    """Sets up and manages analysts' accounts; ``run`` does without it."""


@dataclass(frozen=True, slots=True)
class Clients:
    """One client per account that is set apart; one object where an account plays several parts."""

    writer: AsyncOpenSearch
    reader: AsyncOpenSearch
    keeper: AsyncOpenSearch
    cluster: ClusterInfo


def store_config(settings: Settings, account: Account = Account.WRITER) -> OpenSearchConfig:
    """How to reach the store, as the account that plays this part.

    Raises:
        ConfigError: no address is set.
    """
    found = settings.opensearch
    if not found.url:
        raise ConfigError(
            "no OpenSearch to work with",
            hint="set ATLASLENS_OPENSEARCH__URL, or add --embedded for a local one",
        )
    used = set_apart(settings, account) or found
    return OpenSearchConfig(
        url=found.url,
        username=used.username,
        password=used.password.get_secret_value(),
        ca_file=found.ca_file,
        client_cert=used.client_cert,
        client_key=used.client_key,
        verify=found.verify_certificate,
    )


def set_apart(settings: Settings, account: Account) -> AccountSettings | None:
    """The settings of an account, None where the main one plays its part."""
    if account is Account.WRITER:
        return None
    own: AccountSettings = getattr(settings.opensearch, account.value)
    return own if own.is_set else None


@asynccontextmanager
async def open_as(settings: Settings, account: Account) -> AsyncIterator[AsyncOpenSearch]:
    """A client of one account.

    Raises:
        ConfigError: no address is set, or a file cannot be used.
    """
    client = open_client(store_config(settings, account))
    try:
        yield client
    finally:
        await client.close()


@asynccontextmanager
async def open_clients(settings: Settings) -> AsyncIterator[Clients]:
    """The clients of a forwarder; each account was accepted by OpenSearch before this yields.

    Raises:
        ConfigError: no address is set, or a file cannot be used.
        UnreachableError: OpenSearch does not answer, or does not accept one of the accounts.
    """
    async with AsyncExitStack() as stack:
        writer = await stack.enter_async_context(open_as(settings, Account.WRITER))
        cluster = await check_version(writer)

        async def other(account: Account) -> AsyncOpenSearch:
            if set_apart(settings, account) is None:
                return writer
            client = await stack.enter_async_context(open_as(settings, account))
            await check_version(client, doing=f"log in as the {account.value}")
            return client

        yield Clients(writer, await other(Account.READER), await other(Account.KEEPER), cluster)
