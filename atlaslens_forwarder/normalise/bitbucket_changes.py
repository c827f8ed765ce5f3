"""What an update of a pull request changed: ``{field: {old, new}}``, for reviewers ``{added, removed}``.

Seen in recorded answers; the API's own description leaves ``changes`` out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.normalise.bitbucket_people import ids_of
from atlaslens_forwarder.normalise.reasons import WrongTypeError
from atlaslens_forwarder.normalise.rows import child

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

_PATH: Final = "update.changes"
_TEXTS: Final = frozenset({"description"})
"""Fields that hold texts of people's work: that they changed is told, from what to what is not."""
_SIDES: Final = (("from", ("old", "removed")), ("to", ("new", "added")))


def changes_of(update: JsonObject) -> list[JsonObject]:
    """``field``, ``from`` and ``to`` of each change, ordered by field. Only what never changes is kept.

    Raises:
        WrongTypeError: changes or one of them is no object.
    """
    found: list[JsonObject] = []
    for name, change in sorted((child(update, "changes") or {}).items()):
        if not isinstance(change, dict):
            raise WrongTypeError(_PATH)
        made: JsonObject = {"field": name}
        for side, keys in () if name in _TEXTS else _SIDES:
            value = next((text for key in keys if (text := _text_of(change.get(key)))), "")
            if value:
                made[side] = value
        found.append(made)
    return found


def _text_of(value: JsonValue) -> str:
    """A text, the branch that is meant, or the ids of people; no name that can change."""
    if isinstance(value, list):
        people = [ids_of(one)[:1] for one in value if isinstance(one, dict)]
        return ", ".join(sorted(one for ids in people for one in ids))
    if isinstance(value, dict):
        branch = value.get("branch")
        name = branch.get("name") if isinstance(branch, dict) else None
        return name if isinstance(name, str) else ""
    return value if isinstance(value, str) else ""
