"""The part of ``setup`` that makes roles and accounts in OpenSearch's security plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder import private_file
from atlaslens_forwarder.cli.plan_items import items_json, print_items
from atlaslens_forwarder.cli.session import say
from atlaslens_forwarder.provision.plan import drifts
from atlaslens_forwarder.provision.security.install import apply_security, missing_passwords, plan_security
from atlaslens_forwarder.provision.security.roles import ADMIN, KEEPER, READER, WRITER
from atlaslens_forwarder.service.connect.env_file import edit_env, read_env, write_env
from atlaslens_forwarder.service.store_access import Account

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.provision.plan import PlanItem
    from atlaslens_forwarder.settings import Settings

_ROLES: Final = {
    Account.WRITER: WRITER.name,
    Account.READER: READER.name,
    Account.KEEPER: KEEPER.name,
    Account.ADMIN: ADMIN.name,
}
FILE_NAME: Final = "accounts.env"
_HEADING: Final = "OpenSearch accounts made by setup --security; copy what a machine needs into its settings"


@dataclass(frozen=True, slots=True)
class SetUpAccounts:
    """What was found, and the file with the passwords that were made (none: None)."""

    items: Sequence[PlanItem]
    file: Path | None

    @property
    def drift(self) -> bool:
        """Whether the plugin differed from what this version wants."""
        return drifts(self.items)

    def to_json(self) -> JsonObject:
        """Its part of ``setup --json``."""
        return {"items": items_json(self.items), "file": None if self.file is None else str(self.file)}


async def set_up_accounts(
    client: AsyncOpenSearch, settings: Settings, renewed: Collection[str], *, check: bool, quiet: bool
) -> SetUpAccounts:
    """Compare roles and accounts and, unless it is only to check, make them.

    Passwords that the settings hold for our accounts are used; others are made and written to a file.

    Raises:
        ConfigError: the plugin is not installed, a password in the settings is too weak, or the file cannot
            be written.
        StoreError: the plugin refused something.
        UnreachableError: it does not answer, or this account may not use its API.
    """
    items = await plan_security(client, renew=[_ROLES[Account(name)] for name in renewed])
    if not quiet:
        print_items(items, "roles and accounts")
    if check:
        return SetUpAccounts(items, None)
    given = _given(settings)
    made = missing_passwords(items, given)
    # Written first: a password that was set and then lost would lock its account.
    file = _write(settings.data_dir / FILE_NAME, made) if made else None
    await apply_security(client, items, given | made)
    return SetUpAccounts(items, file)


def _write(path: Path, made: Mapping[str, str]) -> Path:
    private_file.make_folder(path.parent, private_file.PASSAGE)
    values: dict[str, str | None] = {}
    for account, name in _ROLES.items():
        if name in made:
            part = "" if account is Account.WRITER else f"{account.value.upper()}__"
            values[f"ATLASLENS_OPENSEARCH__{part}USERNAME"] = name
            values[f"ATLASLENS_OPENSEARCH__{part}PASSWORD"] = made[name]
    write_env(path, edit_env(read_env(path), values, heading=_HEADING))
    say(f"passwords of {', '.join(sorted(made))} are in {path}: move them to your settings and delete it")
    return path


def _given(settings: Settings) -> dict[str, str]:
    store = settings.opensearch
    accounts = (store, store.reader, store.keeper, store.admin)
    return {
        each.username: each.password.get_secret_value()
        for each in accounts
        if each.username in _ROLES.values() and each.password.get_secret_value()
    }
