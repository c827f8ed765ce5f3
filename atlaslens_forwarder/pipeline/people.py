"""What an event says of people beyond its record: blind indexes in one place, the actor's groups. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atlaslens_forwarder.model.event import Pipeline
from atlaslens_forwarder.privacy.blinds import blinds_in
from atlaslens_forwarder.privacy.origin import hashed_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from atlaslens_forwarder.model.json import JsonObject


def add_blinds(doc: JsonObject) -> None:
    """``atlassian.person_blind``: every blind index in what ``event.hash`` covers.

    What may read otherwise tomorrow (a title, the message) is not searched, so that the list stays the same.

    Raises:
        ValueError: the document has no canonical form.
    """
    part = doc.get("atlassian")
    if isinstance(part, dict):
        part.pop("person_blind", None)
        if blinds := blinds_in(hashed_bytes(doc)):
            part["person_blind"] = [*blinds]


def add_groups(doc: JsonObject, groups_of: Callable[[str], Sequence[str]]) -> None:
    """``user.group.name``: the groups that the actor belongs to as far as known now."""
    user = doc.get("user")
    actor = user.get("id") if isinstance(user, dict) else None
    if isinstance(user, dict) and isinstance(actor, str) and (names := groups_of(actor)):
        user["group"] = {"name": [*names]}


def drop_names(doc: JsonObject) -> None:
    """Leave out the display names that an API looks up anew at each read, also where the message has them.

    They are not covered by ``event.hash``, so events that were stored with them stay the same events. Names
    within the record itself (the object of an audit row, the signature of a commit) are evidence and stay.
    """
    user = doc.get("user")
    if not isinstance(user, dict):
        return
    people = [user]
    target, vendor = user.get("target"), doc.get("atlassian")
    is_activity = isinstance(vendor, dict) and vendor.get("pipeline") == Pipeline.ACTIVITY.value
    if is_activity and isinstance(target, dict):
        people.append(target)
    for person in people:
        name = person.pop("full_name", None)
        message = doc.get("message")
        if is_activity and isinstance(name, str) and name and isinstance(message, str):
            doc["message"] = _renamed(message, name, str(person.get("id") or "somebody"))
    if target == {}:
        del user["target"]
    if not user:
        del doc["user"]


def _renamed(text: str, name: str, other: str) -> str:
    return re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", lambda _: other, text)
