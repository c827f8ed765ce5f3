"""How records change by what a round has read. Pure but for the nonces of what is sealed."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.people.records import PEOPLE_INDEX, GroupRecord, Home, PersonRecord
from atlaslens_forwarder.people.roster import FORMER_USER
from atlaslens_forwarder.privacy.blinds import Blinder
from atlaslens_forwarder.privacy.emails import text_without_emails
from atlaslens_forwarder.privacy.vault import PersonVault

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from atlaslens_forwarder.people.roster import Roster, SeenAccount, SeenGroup
    from atlaslens_forwarder.privacy.keyring import Keyring

EMAIL_FIELD: Final = "email_sealed"
NAME_FIELD: Final = "name_sealed"


class Sealing:
    """What seals the addresses of people, and their names where that is wanted."""

    def __init__(self, keyring: Keyring, *, names: bool) -> None:
        self._keyring = keyring
        self._blinder = Blinder(keyring)
        self._names = names

    def vault(self, record: PersonRecord) -> PersonVault:
        """The vault of a person, with a new data key where there is none.

        Raises:
            ConfigError: the key of its data key is not in the key file.
        """
        return PersonVault(self._keyring, PEOPLE_INDEX, record.doc_id, record.data_key_sealed)

    def emails(self, record: PersonRecord) -> list[str]:
        """The addresses that are known, the newest first; raises as :meth:`vault` does."""
        if not record.emails_sealed:
            return []
        found = json.loads(self.vault(record).open(EMAIL_FIELD, record.emails_sealed))
        return [str(address) for address in found]

    def name(self, record: PersonRecord) -> str:
        """The display name, opened where it is sealed; raises as :meth:`vault` does."""
        if not record.name_sealed:
            return record.full_name
        return self.vault(record).open(NAME_FIELD, record.name_sealed)

    def with_secrets(self, record: PersonRecord, name: str, email: str) -> PersonRecord:
        """The record with this name, and with this address before those it had; empty changes nothing.

        What does not change keeps its sealed text. All blind indexes and the seal of the data key are brought
        up to the keys of now. Raises as :meth:`vault` does.
        """
        # Some people are called by their address.
        shown = text_without_emails(name, self._keyring.blind) or self.name(record)
        before = self.emails(record)
        addresses = [email, *(each for each in before if each != email)] if email else before
        sealed_name = self._names and bool(shown) and not record.closed
        if not addresses and not sealed_name:
            return replace(record, full_name=shown, name_sealed="", data_key_sealed="")
        vault = self.vault(record)
        return replace(
            record,
            full_name="" if sealed_name else shown,
            name_sealed=self._sealed_name(record, shown, vault) if sealed_name else "",
            emails_sealed=record.emails_sealed
            if addresses == before
            else vault.seal(EMAIL_FIELD, json.dumps(addresses)),
            blinds=record.blinds | self._blinder.of_all(addresses),
            data_key_sealed=vault.sealed_key,
        )

    @staticmethod
    def _sealed_name(record: PersonRecord, name: str, vault: PersonVault) -> str:
        if record.name_sealed and vault.open(NAME_FIELD, record.name_sealed) == name:
            return record.name_sealed
        return vault.seal(NAME_FIELD, name)

    def clean(self, text: str) -> str:
        """A text without addresses."""
        return text_without_emails(text, self._keyring.blind)


def closed(record: PersonRecord) -> PersonRecord:
    """The record of an account that is closed: name and address are erased, the blind indexes stay.

    They cannot be turned back into an address, and without them old commits would lose their author.
    """
    return replace(
        record,
        full_name=FORMER_USER,
        name_sealed="",
        active=False,
        closed=True,
        emails_sealed="",
        data_key_sealed="",
    )


def forgotten(record: PersonRecord) -> PersonRecord:
    """The record of somebody who is forgotten: nothing but ids and groups."""
    return replace(
        record,
        full_name="",
        name_sealed="",
        blinds=frozenset(),
        emails_sealed="",
        data_key_sealed="",
        forgotten=True,
    )


@dataclass(frozen=True, slots=True)
class Directory:
    """The records of one site, by their ids."""

    home: Home
    people: Mapping[str, PersonRecord]
    groups: Mapping[str, GroupRecord]

    def records(self) -> list[PersonRecord | GroupRecord]:
        """All of them."""
        return [*self.people.values(), *self.groups.values()]


def updated(  # noqa: PLR0917  what was, what was read, and what to go by
    before: Directory,
    roster: Roster,
    pairs: Iterable[tuple[str, str]],
    forgotten_ids: Collection[str],
    sealing: Sealing,
    now_ms: int,
) -> Directory:
    """The records after a round.

    Nobody is removed: events name them for ever. ``pairs`` are account ids with their legacy keys,
    ``forgotten_ids`` ids of people whose data must not come back.

    Raises:
        ConfigError: a sealed text cannot be opened; nothing is replaced by plain text.
    """
    lost = frozenset(forgotten_ids)
    people = dict(before.people)
    for key, seen in roster.accounts.items():
        known = people.get(key) or PersonRecord(before.home, key)
        people[key] = _seen(known, seen, lost, sealing)
    for account_id, legacy in pairs:
        known = people.get(account_id) or PersonRecord(before.home, account_id, account_id=account_id)
        people[account_id] = replace(known, ids=known.ids | {account_id, legacy})
    for key in roster.gone & people.keys():
        people[key] = closed(people[key])
    for key, record in people.items():
        if key in roster.checked and record.closed:
            people[key] = replace(people[key], checked_ms=now_ms)
        if record.forgotten or not lost.isdisjoint(record.ids | {key}):
            people[key] = forgotten(people[key])
        elif key not in roster.accounts and not people[key].closed:
            people[key] = sealing.with_secrets(people[key], "", "")
    groups = _groups(before, roster, sealing)
    for key, record in people.items():
        mine = frozenset(group.id for group in groups.values() if key in group.members)
        people[key] = replace(record, groups=mine)
    return Directory(before.home, people, groups)


def _seen(record: PersonRecord, seen: SeenAccount, lost: frozenset[str], sealing: Sealing) -> PersonRecord:
    ids = record.ids | ({seen.account_id, seen.uuid} - {""})
    record = replace(
        record,
        account_id=seen.account_id or record.account_id,
        ids=ids,
        kind=seen.kind or record.kind,
        active=record.active if seen.active is None else seen.active,
        closed=False,
        checked_ms=None if not seen.former else record.checked_ms,
    )
    if record.forgotten or not lost.isdisjoint(ids):
        return forgotten(replace(record, closed=seen.former))
    if seen.former:
        return closed(record)
    return sealing.with_secrets(record, seen.name, seen.email)


def _groups(before: Directory, roster: Roster, sealing: Sealing) -> dict[str, GroupRecord]:
    groups = dict(before.groups)
    for key, record in before.groups.items():
        if key not in roster.groups and record.kind in roster.whole_kinds:
            groups[key] = replace(record, members=frozenset(), removed=True)
    for key, seen in roster.groups.items():
        groups[key] = _group(before.home, groups.get(key), seen, sealing)
    return groups


def _group(home: Home, known: GroupRecord | None, seen: SeenGroup, sealing: Sealing) -> GroupRecord:
    """Whoever is not listed has left only if the list is whole."""
    members = seen.members if seen.whole or known is None else known.members | seen.members
    return GroupRecord(home, seen.id, sealing.clean(seen.name), seen.kind, members)
