"""People as Bitbucket names them: accounts, and the raw signatures of commits."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.rows import text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject

_BLIND = re.compile(r"\[email:([0-9a-f]+:[0-9a-f]+)\]")


def account_id(user: JsonObject | None, path: str) -> str:
    """The Atlassian account id, Bitbucket's uuid where it has none, ``""`` where nobody is named.

    Raises:
        WrongTypeError: an id is no text.
    """
    if not user:
        return ""
    return text(user, "account_id", f"{path}.") or text(user, "uuid", f"{path}.")


def actor_of(user: JsonObject | None, path: str) -> JsonObject:
    """``id`` and ``full_name`` of an account; empty where nobody is named.

    Raises:
        WrongTypeError: a documented field has another type.
    """
    found = account_id(user, path)
    if not user or not found:
        return {}
    name = text(user, "display_name", f"{path}.")
    return {"id": found, "full_name": name} if name else {"id": found}


def ids_of(*users: JsonObject | None) -> tuple[str, ...]:
    """Every id these accounts are known by, the account id first."""
    found = [user.get(key) for user in users if user for key in ("account_id", "uuid")]
    return tuple(one for one in found if isinstance(one, str) and one)


def kind_of(user: JsonObject | None) -> ActorKind:
    """What kind of actor an account is; nobody named means that Bitbucket does not know or tell."""
    if not user or not ids_of(user):
        return ActorKind.UNIDENTIFIED
    return ActorKind.APP if user.get("type") in {"app_user", "AppUser"} else ActorKind.PERSON


def signature_of(raw: str) -> JsonObject:
    """``name`` and ``email_blind`` of ``Name <address>``, whose address was made blind before.

    Whoever configures Git can write anything there; what is missing is left out. Pure.
    """
    signature: JsonObject = {}
    if name := _BLIND.sub("", raw.partition("<")[0]).strip():
        signature["name"] = name
    if blind := _BLIND.search(raw):
        signature["email_blind"] = blind[1]
    return signature
