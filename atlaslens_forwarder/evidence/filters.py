"""What an export contains: one filter with three faces that must agree.

``to_query`` asks OpenSearch, ``first_mismatch`` asks one event without any server, ``to_manifest`` and
``from_manifest`` carry the filter in the manifest. Pure.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.fields import TIME_PATH
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue

    Texts = Callable[[str], Collection[str]]
    """The text forms of all values of an event at a dotted path."""


class View(StrEnum):
    """The closed table of what may be exported."""

    SECURITY = "security"
    """Every event of the audit pipeline."""
    PERMISSIONS = "permissions"
    """Events of the audit pipeline that change who may do what."""
    ACTIVITY = "activity"
    """Every event of the activity pipeline: work on issues, pages and code."""
    TIMELINE = "timeline"
    """Everything, of both pipelines: with a person as filter, all that is known of one person."""


VIEW_TERMS: Mapping[View, tuple[tuple[str, str], ...]] = {
    View.SECURITY: (("atlassian.pipeline", "audit"),),
    View.PERMISSIONS: (("atlassian.pipeline", "audit"), ("atlassian.permission_change", "true")),
    View.ACTIVITY: (("atlassian.pipeline", "activity"),),
    View.TIMELINE: (),
}
"""Path and text form that an event of the view has; all of a view's rows hold together."""

USER_PATHS = (
    "user.id",
    "user.full_name",
    "user.email_blind",
    "user.target.id",
    "user.target.full_name",
    "user.target.name",
    "user.target.email_blind",
    "atlassian.author_key",
    "atlassian.author.id",
    "atlassian.author.email_blind",
    "atlassian.committer.id",
    "atlassian.committer.email_blind",
    "atlassian.person_blind",
)
"""A person is matched exactly, by id, name or blind index, as actor, as affected user, or as the author or
committer of a commit."""
_PEOPLE = "user.id and the other fields of people"
ACTION_PATH = "event.action"
PRODUCT_PATH = "atlassian.product"

_LISTS = ("users", "groups", "members", "actions", "products")
_MANIFEST_KEYS = {"view", "from", "to", *_LISTS}


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Events of ``view`` with ``from_ms`` <= time < ``to_ms`` (epoch milliseconds).

    Each of ``users``, ``actions`` and ``products`` narrows the export to events with any one of its values;
    an empty one does not narrow. ``users`` are ids and blind indexes of people (or names as they were typed).
    ``members`` are those of the members of ``groups``, which are the groups as they were asked for: where
    there are groups, only events of members are exported, and none where no group has a member. The values
    are sorted and distinct, so that equal filters have equal manifests.
    """

    view: View
    from_ms: int
    to_ms: int
    users: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Sort the values."""
        for name in _LISTS:
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))

    def to_query(self) -> JsonObject:
        """The OpenSearch query; it only filters and never scores."""
        time_range: JsonObject = {
            "gte": self.from_ms,
            "lt": self.to_ms,
            "format": "epoch_millis",
        }
        clauses: list[JsonValue] = [{"range": {TIME_PATH: time_range}}]
        clauses += [{"term": {path: text}} for path, text in VIEW_TERMS[self.view]]
        for path, wanted in ((ACTION_PATH, self.actions), (PRODUCT_PATH, self.products)):
            if wanted:
                clauses.append({"terms": {path: list(wanted)}})
        if self.users:
            clauses.append(people_query(self.users))
        if self.groups:
            clauses.append(people_query(self.members))
        return {"bool": {"filter": clauses}}

    def first_mismatch(self, at_ms: int, texts: Texts) -> str:
        """The field by which an event is outside this filter, empty when it is inside."""
        if not self.from_ms <= at_ms < self.to_ms:
            return TIME_PATH
        for path, text in VIEW_TERMS[self.view]:
            if text not in texts(path):
                return path
        for path, wanted in ((ACTION_PATH, self.actions), (PRODUCT_PATH, self.products)):
            if wanted and not any(text in wanted for text in texts(path)):
                return path
        for wanted, narrows in ((self.users, bool(self.users)), (self.members, bool(self.groups))):
            if narrows and not any(text in wanted for path in USER_PATHS for text in texts(path)):
                return _PEOPLE
        return ""

    def to_manifest(self) -> JsonObject:
        """The filter as it stands in a manifest; ``from`` is included, ``to`` is not."""
        return {
            "view": self.view.value,
            "from": iso_ms(self.from_ms),
            "to": iso_ms(self.to_ms),
            "users": list(self.users),
            "groups": list(self.groups),
            "members": list(self.members),
            "actions": list(self.actions),
            "products": list(self.products),
        }

    @classmethod
    def from_manifest(cls, data: JsonValue) -> ExportFilter:
        """Read a filter back.

        Raises:
            ValueError: it is not what ``to_manifest`` writes; the message names the part.
        """
        if not isinstance(data, dict) or set(data) != _MANIFEST_KEYS:
            raise ValueError("filter does not have the known keys")
        lists: dict[str, tuple[str, ...]] = {}
        for name in _LISTS:
            values = data[name]
            texts = [value for value in values if isinstance(value, str)] if isinstance(values, list) else []
            if texts != values:
                raise ValueError(f"filter.{name} is not a list of texts")
            lists[name] = tuple(texts)
        try:
            view = View(str(data["view"]))
            read = cls(view, parse_iso_ms(str(data["from"])), parse_iso_ms(str(data["to"])), **lists)
        except (ValueError, OverflowError):
            raise ValueError("filter has an unknown view or an unreadable time") from None
        if read.to_manifest() != data:
            raise ValueError("filter is not in the form this product writes")
        if read.from_ms >= read.to_ms:
            raise ValueError("filter.from is not before filter.to")
        return read


def people_query(terms: Collection[str]) -> JsonObject:
    """Events of people who have one of these ids, names or blind indexes; without any, no event at all."""
    anywhere: list[JsonValue] = [{"terms": {path: [*sorted(terms)]}} for path in USER_PATHS]
    return {"bool": {"should": anywhere, "minimum_should_match": 1}}


def make_filter(
    *,
    view: str,
    from_text: str,
    to_text: str,
    users: Iterable[str] = (),
    actions: Iterable[str] = (),
    products: Iterable[str] = (),
    groups: Iterable[str] = (),
    known_actions: Collection[str] = (),
    known_products: Collection[str] = (),
) -> ExportFilter:
    """The filter that a person typed; see ``interval`` for how dates are read.

    A misspelt action or product would give an empty export that looks like an all-clear: where the known
    names are passed in, any other is refused.

    Raises:
        ConfigError: a part cannot be used; the hint names the nearest valid value.
    """
    if view not in set(View):
        raise _unknown("--view", view, [known.value for known in View])
    from_ms, to_ms = parse_from(from_text), parse_to(to_text)
    if from_ms >= to_ms:
        raise ConfigError(
            "--from is not before --to", hint="the interval would hold no event; swap or move the bounds"
        )
    return ExportFilter(
        View(view),
        from_ms,
        to_ms,
        users=_values("--user", users, ()),
        actions=_values("--action", actions, known_actions),
        products=_values("--product", products, known_products),
        groups=_values("--group", groups, ()),
    )


def _values(option: str, values: Iterable[str], known: Collection[str]) -> tuple[str, ...]:
    given = tuple(values)
    for value in given:
        if not value.strip():
            raise ConfigError(f"{option} is empty", hint="leave the option out to export all")
        if not _is_unicode(value):
            raise ConfigError(f"{option} is not valid UTF-8", hint="check the encoding of your terminal")
        if known and value not in known:
            raise _unknown(option, value, known)
    return given


def _is_unicode(text: str) -> bool:
    """Arguments that are not UTF-8 reach Python as lone surrogates (PEP 383)."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _unknown(option: str, value: str, known: Collection[str]) -> ConfigError:
    near = difflib.get_close_matches(value, known, n=1)
    hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(sorted(known)[:12])}"
    shown = value[:80].encode("utf-8", "replace").decode("utf-8")
    return ConfigError(f"{option} {shown} is not known", hint=hint)
