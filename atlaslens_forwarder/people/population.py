"""All records at once: which of them are one person, who is meant by a text, what finds their events."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.people.records import GroupRecord, PersonRecord
from atlaslens_forwarder.people.resolve import resolve

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.people.resolve import Individual

MOST_CANDIDATES: Final = 8
_GROUP: Final = "group"


class Population:
    """Everybody in the store, on all sites."""

    def __init__(self, records: Iterable[PersonRecord | GroupRecord]) -> None:
        listed = [*records]
        self.people = [record for record in listed if isinstance(record, PersonRecord)]
        self.groups = [record for record in listed if isinstance(record, GroupRecord)]
        self.individuals = resolve([record.identity for record in self.people])
        self._whose = {
            position: individual for individual in self.individuals for position in individual.records
        }

    def records_of(self, individual: Individual) -> list[PersonRecord]:
        """The records of one person."""
        return [self.people[position] for position in individual.records]

    def find(
        self, marks: Collection[str], name: str, name_of: Callable[[PersonRecord], str]
    ) -> Individual | None:
        """The one person with one of these ids or blind indexes; failing that, of exactly this name.

        None when there is nobody like that.

        Args:
            marks: ids of any kind and blind indexes.
            name: a display name, empty for none.
            name_of: a record's display name, opened where it is sealed.

        Raises:
            ConfigError: more than one is meant.
        """
        wanted = {*marks} - {""}
        found = [one for one in self.individuals if not wanted.isdisjoint(one.ids | one.blinds)]
        if not found and name:
            found = [
                one
                for one in self.individuals
                if any(name_of(record) == name for record in self.records_of(one))
            ]
        if len(found) > 1:
            names = [one.name for one in found]
            more = f" and {len(names) - MOST_CANDIDATES} more" if len(names) > MOST_CANDIDATES else ""
            raise ConfigError(
                f"{len(names)} people are meant by that: {', '.join(names[:MOST_CANDIDATES])}{more}",
                hint="give one of these ids",
            )
        return found[0] if found else None

    def groups_called(self, id_or_name: str) -> list[GroupRecord]:
        """The groups of this id or exact name, on any site, those that are there before those removed.

        Raises:
            ConfigError: there is none, and never was.
        """
        found = [group for group in self.groups if id_or_name in {group.id, group.name}]
        if not found:
            raise ConfigError(
                "no group of that name is known", hint="run: people list --groups, or sync --source people"
            )
        return [group for group in found if not group.removed] or found

    def terms_of(self, group: GroupRecord) -> tuple[str, ...]:
        """What finds the events of a group's members; nothing for a group without members."""
        members = {(group.home.cloud_id, member) for member in group.members}
        terms: set[str] = set()
        for position, record in enumerate(self.people):
            if (record.home.cloud_id, record.id) in members:
                terms |= {*self._whose[position].terms}
        return tuple(sorted(terms))

    def lookups(self) -> dict[str, JsonObject]:
        """The documents of ``atlaslens-lookup``: for each record and each group the terms of its events."""
        docs: dict[str, JsonObject] = {}
        for position, record in enumerate(self.people):
            terms = self._whose[position].terms
            docs[f"person:{record.id}"] = {"kind": "person", "ids": [*terms]}
        for group in self.groups:
            ids = self.terms_of(group)
            docs[f"group:{group.id}"] = {"kind": group.kind, "name": group.name, "ids": [*ids]}
        return docs


def group_names(records: Iterable[PersonRecord | GroupRecord], cloud_id: str) -> Mapping[str, list[str]]:
    """The names of the groups that each id of a site's people belongs to now, sorted."""
    listed = [record for record in records if record.home.cloud_id == cloud_id]
    names = {
        record.id: record.name
        for record in listed
        if isinstance(record, GroupRecord) and record.kind == _GROUP and not record.removed
    }
    found: dict[str, list[str]] = {}
    for record in listed:
        if isinstance(record, PersonRecord):
            own = sorted({names[group] for group in record.groups if names.get(group)})
            if own:
                found |= dict.fromkeys(record.ids | {record.id}, own)
    return found
