"""What records about Jira issues have in common: people, the issue they are about, addresses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.activity_document import actor_kind_of
from atlaslens_forwarder.normalise.actors import CUSTOMER_PREFIX, ActorKind
from atlaslens_forwarder.normalise.rows import child, renamed_texts, text

if TYPE_CHECKING:
    from atlaslens_forwarder.model.event import EventContext
    from atlaslens_forwarder.model.json import JsonObject

PROVIDER: Final = "jira"
SERVICE_DESK: Final = "service_desk"
_USER_NAMES: Final = (("accountId", "id"), ("displayName", "full_name"))
NOT_TOLD: Final = ActorKind.UNIDENTIFIED
"""Of an actor whom the API does not tell, which is not the same as none."""


@dataclass(frozen=True, slots=True)
class Who:
    """A person as the API names them now; ``user`` is empty where it names nobody."""

    user: JsonObject
    kind: ActorKind

    @property
    def id(self) -> str:
        """The account id, empty where there is none."""
        return str(self.user.get("id", ""))


def who(source: JsonObject, key: str) -> Who:
    """The person at ``key``.

    Raises:
        WrongTypeError: something else than a user is there.
    """
    raw = child(source, key) or {}
    user = renamed_texts(raw, _USER_NAMES, f"{key}.")
    account_id = str(user.get("id", ""))
    if account_id.startswith(CUSTOMER_PREFIX):
        return Who(user, ActorKind.CUSTOMER)
    return Who(user, actor_kind_of(text(raw, "accountType", f"{key}."), account_id))


def issue_in_short(issue: JsonObject) -> JsonObject:
    """``atlassian.work_item`` of an issue: its id, and how it is called now.

    Raises:
        WrongTypeError: a field is of another type than documented.
    """
    fields = child(issue, "fields") or {}
    item: JsonObject = {"type": "issue", **renamed_texts(issue, (("id", "id"), ("key", "key")), "issue.")}
    if name := text(fields, "summary", "issue.fields."):
        item["name"] = name
    if kind := text(child(fields, "issuetype") or {}, "name", "issue.fields.issuetype."):
        item["kind"] = kind
    return item


def browse_url(context: EventContext, key: str, comment_id: str = "") -> str:
    """Where a browser shows the issue, or a comment on it; empty without a key."""
    if not key:
        return ""
    address = f"{context.site_url.rstrip('/')}/browse/{key}"
    return f"{address}?focusedCommentId={comment_id}" if comment_id else address


def event_id(context: EventContext, identity: str) -> str:
    """``_id`` of the row ``{kind}:{lasting ids}``."""
    kind, _, rest = identity.partition(":")
    return f"{PROVIDER}:{kind}:{context.cloud_id}:{rest}"


def said(words: str, item: JsonObject) -> str:
    """One line for people: what was done, and to which issue, as that is called now."""
    name = " ".join(str(item[part]) for part in ("key", "name") if part in item)
    return f"{words}: {name or item.get('id', '')}"
