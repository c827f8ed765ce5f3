"""Reading of the answers about people: what is not of the documented type counts as not told. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import FormatError
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.people.roster import SeenAccount

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue


def objects_in(value: JsonValue, what: str) -> list[JsonObject]:
    """The objects of a list; anything else in it is passed over.

    Raises:
        FormatError: there is no list at all.
    """
    if not isinstance(value, list):
        raise FormatError(f"the answer has no list of {what}", status=SourceStatus.UNREADABLE)
    return [each for each in value if isinstance(each, dict)]


def account_of(user: JsonObject, kind: str = "") -> SeenAccount | None:
    """The account of a user object of Jira, the service desk or Bitbucket; None without any id.

    Pictures, time zones and nicknames are not taken over.
    """
    account_id, uuid = text(user, "accountId") or text(user, "account_id"), text(user, "uuid")
    if not account_id and not uuid:
        return None
    active = user.get("active")
    return SeenAccount(
        account_id=account_id,
        uuid=uuid,
        name=text(user, "displayName") or text(user, "display_name"),
        kind=text(user, "accountType") or kind,
        active=active if isinstance(active, bool) else None,
        email=text(user, "emailAddress"),
    )


def text(part: JsonObject, key: str) -> str:
    """The text at a key, empty where there is none."""
    value = part.get(key)
    return value if isinstance(value, str) else ""
