"""People and groups as ``atlaslens-people`` keeps them. Pure.

One document for each account of a site (and for each Bitbucket account without one), one for each group. The
same person on two sites has two documents, which :mod:`atlaslens_forwarder.people.resolve` brings together.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import iso_ms, parse_iso_ms
from atlaslens_forwarder.people.resolve import Identity

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue

PEOPLE_INDEX: Final = "atlaslens-people"


@dataclass(frozen=True, slots=True)
class Home:
    """The site that a record belongs to: its lasting cloud id, and its name in the settings."""

    cloud_id: str
    site: str


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One account.

    ``id`` is the account id, or the Bitbucket uuid where that is all there is. ``emails_sealed`` is a JSON
    list of addresses, the newest first. ``name_sealed`` stands in for ``full_name`` where names are sealed.
    ``checked_ms``: when a closed account was last looked up.
    """

    home: Home
    id: str
    account_id: str = ""
    ids: frozenset[str] = frozenset()
    blinds: frozenset[str] = frozenset()
    full_name: str = ""
    name_sealed: str = ""
    kind: str = ""
    active: bool | None = None
    closed: bool = False
    groups: frozenset[str] = frozenset()
    emails_sealed: str = ""
    data_key_sealed: str = ""
    forgotten: bool = False
    checked_ms: int | None = None

    @property
    def doc_id(self) -> str:
        """The id of its document."""
        return f"person:{self.home.cloud_id}:{self.id}"

    @property
    def identity(self) -> Identity:
        """What leads to the person."""
        accounts = frozenset({self.account_id} - {""})
        return Identity(self.ids | {self.id}, accounts, self.blinds)

    def to_doc(self, now_ms: int) -> JsonObject:
        """The document; what is not known is absent."""
        person: JsonObject = {"id": self.id, "ids": [*sorted(self.ids | {self.id})]}
        texts = {
            "account_id": self.account_id,
            "full_name": self.full_name,
            "name_sealed": self.name_sealed,
            "kind": self.kind,
            "email_sealed": self.emails_sealed,
            "data_key_sealed": self.data_key_sealed,
            "key_id": self.data_key_sealed.partition(":")[0],
        }
        person |= {key: text for key, text in texts.items() if text}
        lists = {"blind": self.blinds, "groups": self.groups}
        person |= {key: [*sorted(values)] for key, values in lists.items() if values}
        flags = {"closed": self.closed, "forgotten": self.forgotten}
        person |= {key: True for key, flag in flags.items() if flag}
        if self.active is not None:
            person["active"] = self.active
        if self.checked_ms is not None:
            person["checked"] = iso_ms(self.checked_ms)
        return _doc(self.home, self.doc_id, now_ms) | {"person": person}


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A group, or an organisation of a service desk; ``members`` are ids of person records."""

    home: Home
    id: str
    name: str = ""
    kind: str = "group"
    members: frozenset[str] = frozenset()
    removed: bool = False

    @property
    def doc_id(self) -> str:
        """The id of its document."""
        return f"group:{self.home.cloud_id}:{self.id}"

    def to_doc(self, now_ms: int) -> JsonObject:
        """The document."""
        group: JsonObject = {
            "id": self.id,
            "name": self.name,
            "kind": self.kind,
            "members": [*sorted(self.members)],
            "removed": self.removed,
        }
        return _doc(self.home, self.doc_id, now_ms) | {"group": group}


def _doc(home: Home, doc_id: str, now_ms: int) -> JsonObject:
    organisation: JsonObject = {"id": home.cloud_id, "name": home.site}
    return {"key": doc_id, "organization": organisation, "updated": iso_ms(now_ms)}


def record_of(doc: JsonObject) -> PersonRecord | GroupRecord | None:
    """The record of a stored document; None for what is neither a person nor a group."""
    organisation = doc.get("organization")
    if not isinstance(organisation, dict):
        return None
    home = Home(_text(organisation, "id"), _text(organisation, "name"))
    person, group = doc.get("person"), doc.get("group")
    if isinstance(person, dict):
        return _person_of(home, person)
    if isinstance(group, dict):
        return GroupRecord(
            home,
            _text(group, "id"),
            _text(group, "name"),
            _text(group, "kind"),
            _texts(group, "members"),
            group.get("removed") is True,
        )
    return None


def _person_of(home: Home, person: JsonObject) -> PersonRecord:
    active, checked = person.get("active"), _text(person, "checked")
    return PersonRecord(
        home,
        id=_text(person, "id"),
        account_id=_text(person, "account_id"),
        ids=_texts(person, "ids"),
        blinds=_texts(person, "blind"),
        full_name=_text(person, "full_name"),
        name_sealed=_text(person, "name_sealed"),
        kind=_text(person, "kind"),
        active=active if isinstance(active, bool) else None,
        closed=person.get("closed") is True,
        groups=_texts(person, "groups"),
        emails_sealed=_text(person, "email_sealed"),
        data_key_sealed=_text(person, "data_key_sealed"),
        forgotten=person.get("forgotten") is True,
        checked_ms=parse_iso_ms(checked) if checked else None,
    )


def _text(part: JsonObject, key: str) -> str:
    value = part.get(key)
    return value if isinstance(value, str) else ""


def _texts(part: JsonObject, key: str) -> frozenset[str]:
    value: JsonValue = part.get(key)
    return frozenset(str(each) for each in value) if isinstance(value, list) else frozenset()
