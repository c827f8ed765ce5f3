"""What an export contains: one filter with three faces that must agree.

``to_query`` asks OpenSearch, ``first_mismatch`` asks one event without any server, ``to_manifest`` and
``from_manifest`` carry the filter in the manifest. Pure.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.evidence.fields import TIME_PATH
from atlaslens_forwarder.evidence.interval import parse_from, parse_to
from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence

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
    OVERVIEW = "overview"
    """Everything, of both pipelines, as the view of this name shows it."""
    PRODUCTIVITY = "productivity"
    """What the view of this name counts: the activity pipeline."""
    WORK_ITEMS = "work-items"
    """Every event about a work item."""
    TIMELINE = "timeline"
    """Everything, of both pipelines: with a person as filter, all that is known of one person."""
    SYNC_HEALTH = "sync-health"
    """No events but the window ledger: what was asked of each source, and what came of it."""


VIEW_TERMS: Final[Mapping[View, tuple[tuple[str, str], ...]]] = {
    View.SECURITY: (("atlassian.pipeline", "audit"),),
    View.PERMISSIONS: (("atlassian.pipeline", "audit"), ("atlassian.permission_change", "true")),
    View.ACTIVITY: (("atlassian.pipeline", "activity"),),
    View.PRODUCTIVITY: (("atlassian.pipeline", "activity"),),
}
"""Path and text form that an event of the view has; all of a view's rows hold together."""
VIEW_FIELDS: Final[Mapping[View, str]] = {
    View.WORK_ITEMS: "atlassian.work_item.id",
    View.SYNC_HEALTH: "window.id",
}
"""A field that every event of the view has."""

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
ACTION_PATH = "event.action"
PRODUCT_PATH = "atlassian.product"
PERMISSION_PATH = "atlassian.permission_change"
OBJECT_PATHS = (
    "atlassian.object.id",
    "atlassian.object.key",
    "atlassian.object.name",
    "atlassian.object.container",
    "atlassian.work_item.id",
    "atlassian.work_item.key",
    "atlassian.work_item.name",
)
"""An object is named by any of these: id, key, name, or what holds it (project, space, repository)."""
IP_PATH = "source.ip"
SENSITIVITIES = ("high", "medium", "low")

PATHS: Final[Mapping[str, tuple[str, ...]]] = {
    "actions": (ACTION_PATH,),
    "products": (PRODUCT_PATH,),
    "sites": ("atlassian.site",),
    "sensitivities": ("atlassian.sensitivity",),
    "objects": OBJECT_PATHS,
    "ips": (IP_PATH,),
    "users": USER_PATHS,
    "members": USER_PATHS,
}
"""Each list of a filter, and the fields of which one must have one of its values."""
_NAMES: Final[Mapping[tuple[str, ...], str]] = {
    USER_PATHS: "user.id and the other fields of people",
    OBJECT_PATHS: "atlassian.object.id and the other fields of objects",
}

_LISTS = (*PATHS, "groups")
_MANIFEST_KEYS = {"view", "from", "to", "permission_changes", *_LISTS}


@dataclass(frozen=True, slots=True)
class ExportFilter:
    """Events of ``view`` with ``from_ms`` <= time < ``to_ms`` (epoch milliseconds).

    Each list narrows the export to events with any one of its values; an empty one does not narrow, and
    ``permission_changes`` narrows it to those. ``users`` are ids and blind indexes of people, or names as
    they were typed. ``members`` are those of the members of ``groups``, which are the groups that were asked
    for: where there are groups, only events of members are exported, and none where no group has a member.
    The values are sorted and distinct, so that equal filters have equal manifests.
    """

    view: View
    from_ms: int
    to_ms: int
    users: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    products: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    members: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    sensitivities: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    ips: tuple[str, ...] = ()
    permission_changes: bool = False

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
        clauses += [{"term": {path: text}} for path, text in self._terms()]
        if self.view in VIEW_FIELDS:
            clauses.append({"exists": {"field": VIEW_FIELDS[self.view]}})
        clauses += [_any_of(paths, wanted) for paths, wanted in self._narrowings()]
        return {"bool": {"filter": clauses}}

    def first_mismatch(self, at_ms: int, texts: Texts) -> str:
        """The field by which an event is outside this filter, empty when it is inside."""
        if not self.from_ms <= at_ms < self.to_ms:
            return TIME_PATH
        for path, text in self._terms():
            if text not in texts(path):
                return path
        if self.view in VIEW_FIELDS and not texts(VIEW_FIELDS[self.view]):
            return VIEW_FIELDS[self.view]
        for paths, wanted in self._narrowings():
            if not any(_form(path, text) in wanted for path in paths for text in texts(path)):
                return _NAMES.get(paths, paths[0])
        return ""

    def _terms(self) -> Iterator[tuple[str, str]]:
        yield from VIEW_TERMS.get(self.view, ())
        if self.permission_changes:
            yield PERMISSION_PATH, "true"

    def _narrowings(self) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
        """The fields of each list that narrows, and its values."""
        for name, paths in PATHS.items():
            wanted: tuple[str, ...] = getattr(self, name)
            if wanted or (name == "members" and self.groups):
                yield paths, wanted

    def to_manifest(self) -> JsonObject:
        """The filter as it stands in a manifest; ``from`` is included, ``to`` is not."""
        lists: JsonObject = {name: list(getattr(self, name)) for name in _LISTS}
        return {
            "view": self.view.value,
            "from": iso_ms(self.from_ms),
            "to": iso_ms(self.to_ms),
            "permission_changes": self.permission_changes,
            **lists,
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
            read = cls(
                View(str(data["view"])),
                parse_iso_ms(str(data["from"])),
                parse_iso_ms(str(data["to"])),
                permission_changes=data["permission_changes"] is True,
                **lists,
            )
        except (ValueError, OverflowError):
            raise ValueError("filter has an unknown view or an unreadable time") from None
        if read.to_manifest() != data:
            raise ValueError("filter is not in the form this product writes")
        if read.from_ms >= read.to_ms:
            raise ValueError("filter.from is not before filter.to")
        return read


def people_query(terms: Collection[str]) -> JsonObject:
    """Events of people who have one of these ids, names or blind indexes; without any, no event at all."""
    return _any_of(USER_PATHS, terms)


def _any_of(paths: Sequence[str], wanted: Collection[str]) -> JsonObject:
    anywhere: list[JsonValue] = [{"terms": {path: [*sorted(wanted)]}} for path in paths]
    return {"bool": {"should": anywhere, "minimum_should_match": 1}}


def _form(path: str, text: str) -> str:
    """A text as it is compared: an address of the network has many forms and one meaning."""
    if path != IP_PATH:
        return text
    try:
        return str(ip_address(text))
    except ValueError:
        return text


@dataclass(frozen=True, slots=True)
class Known:
    """The names that exist, where they are a closed set; an empty one lets everything through."""

    actions: Collection[str] = ()
    products: Collection[str] = ()


def make_filter(
    *,
    view: str,
    from_text: str,
    to_text: str,
    users: Iterable[str] = (),
    actions: Iterable[str] = (),
    products: Iterable[str] = (),
    groups: Iterable[str] = (),
    sites: Iterable[str] = (),
    sensitivities: Iterable[str] = (),
    objects: Iterable[str] = (),
    ips: Iterable[str] = (),
    permission_changes: bool = False,
    known: Known | None = None,
) -> ExportFilter:
    """The filter that a person typed; see ``interval`` for how dates are read.

    A misspelt action or product would give an empty export that looks like an all-clear: where the known
    names are passed in, any other is refused.

    Raises:
        ConfigError: a part cannot be used; the hint names the nearest valid value.
    """
    if view not in set(View):
        raise _unknown("--view", view, [each.value for each in View])
    known = known or Known()
    from_ms, to_ms = parse_from(from_text), parse_to(to_text)
    if from_ms >= to_ms:
        raise ConfigError(
            "--from is not before --to", hint="the interval would hold no event; swap or move the bounds"
        )
    made = ExportFilter(
        View(view),
        from_ms,
        to_ms,
        users=_values("--user", users, ()),
        actions=_values("--action", actions, known.actions),
        products=_values("--product", products, known.products),
        groups=_values("--group", groups, ()),
        sites=_values("--site", sites, ()),
        sensitivities=_values("--sensitivity", sensitivities, SENSITIVITIES),
        objects=_values("--object", objects, ()),
        ips=tuple(map(_address, _values("--ip", ips, ()))),
        permission_changes=permission_changes,
    )
    if made.view is View.SYNC_HEALTH and (permission_changes or any(getattr(made, name) for name in _LISTS)):
        raise ConfigError(
            "--view sync-health holds windows, not events", hint="narrow it by --from and --to alone"
        )
    return made


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise ConfigError("--ip is not an IP address", hint="write one, such as 192.0.2.7") from None


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
