"""People and groups in the store: found, expanded to all their ids, shown, revealed and forgotten."""

from __future__ import annotations

import getpass
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError, FencedError
from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.people.population import Population, group_names
from atlaslens_forwarder.people.records import GroupRecord, PersonRecord, record_of
from atlaslens_forwarder.people.update import forgotten
from atlaslens_forwarder.privacy.blinds import Blinder
from atlaslens_forwarder.privacy.emails import text_without_emails
from atlaslens_forwarder.service.custody_log import FORGOTTEN, REAPPLIED, REVEALED
from atlaslens_forwarder.storage.documents import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.people.resolve import Individual
    from atlaslens_forwarder.people.update import Sealing
    from atlaslens_forwarder.privacy.keyring import Keyring
    from atlaslens_forwarder.service.forgotten import ForgottenList
    from atlaslens_forwarder.service.hold_keeping import Holds
    from atlaslens_forwarder.storage.custody import Custody
    from atlaslens_forwarder.storage.documents import Document, Documents

_TRIES: Final = 5
_GROUPS_KNOWN_FOR_MS: Final = MINUTE_MS


@dataclass(frozen=True, slots=True)
class Stored:
    """Everything in ``atlaslens-people`` as it was read."""

    population: Population
    documents: Mapping[str, Document]

    def change(self, record: PersonRecord | GroupRecord, now_ms: int) -> Change:
        """The document of a record, to be written in the place of the one that was read."""
        return Change(record.doc_id, record.to_doc(now_ms), self.documents.get(record.doc_id))


class People:
    """The people of all sites of one store.

    Args:
        people: ``atlaslens-people``.
        lookup: ``atlaslens-lookup``.
        keyring: for blind indexes.
        sealing: opens addresses and sealed names.
        custody: where revealing and forgetting is recorded.
        holds: legal holds, during which nobody is forgotten.
        gone: the list of the forgotten.
        clock: the present, epoch milliseconds.
    """

    def __init__(
        self,
        people: Documents,
        lookup: Documents,
        *,
        keyring: Keyring,
        sealing: Sealing,
        custody: Custody,
        holds: Holds,
        gone: ForgottenList,
        clock: Callable[[], int],
    ) -> None:
        self._people = people
        self._lookup = lookup
        self._keyring = keyring
        self._blinder = Blinder(keyring)
        self.sealing = sealing
        self._custody = custody
        self._holds = holds
        self.gone = gone
        self._clock = clock
        self._groups: dict[str, tuple[int, Mapping[str, Sequence[str]]]] = {}

    async def stored(self) -> Stored:
        """Read everybody.

        Raises:
            StoreError: the store cannot be read.
        """
        documents = await self._people.all()
        records = [record_of(document.value) for document in documents]
        population = Population(record for record in records if record is not None)
        return Stored(population, {document.id: document for document in documents})

    async def save(self, changes: Sequence[Change]) -> None:
        """Write records; raises ``FencedError`` when somebody else changed them meanwhile."""
        await self._people.save(changes)

    async def write_lookups(self) -> None:
        """Bring ``atlaslens-lookup`` up to what ``atlaslens-people`` says; two writers come to the same.

        Raises:
            StoreError: the store cannot be read or written.
        """
        for attempt in range(_TRIES):
            wanted = (await self.stored()).population.lookups()
            there = {document.id: document for document in await self._lookup.all()}
            changes = [
                Change(doc_id, value, there.get(doc_id))
                for doc_id, value in wanted.items()
                if doc_id not in there or not _same(there[doc_id], value)
            ]
            try:
                await self._lookup.save(changes)
            except FencedError:
                if attempt == _TRIES - 1:
                    raise
                continue
            return

    async def groups_at_hand(self, cloud_id: str) -> Callable[[str], Sequence[str]]:
        """The groups of each actor of a site, as they were known at most a minute ago.

        Raises:
            StoreError: the store cannot be read.
        """
        read_ms, names = self._groups.get(cloud_id, (None, {}))
        now_ms = self._clock()
        if read_ms is None or not 0 <= now_ms - read_ms < _GROUPS_KNOWN_FOR_MS:
            records = [record_of(document.value) for document in await self._people.all()]
            names = group_names([record for record in records if record is not None], cloud_id)
            self._groups[cloud_id] = (now_ms, names)
        return lambda actor: names.get(actor, ())

    def find(self, stored: Stored, text: str) -> Individual:
        """The one person meant by an account id, exact name, uuid or e-mail address.

        Raises:
            ConfigError: nobody, or more than one, is meant; or a sealed name cannot be opened.
        """
        person = self.found(stored, text)
        if person is None:
            raise ConfigError("nobody like that is known", hint="run: people list, or sync --source people")
        return person

    def found(self, stored: Stored, text: str) -> Individual | None:
        """As :meth:`find`, but None where nobody is meant."""
        wanted = text.strip()
        blinds = self.blinds(wanted)
        marks = {*blinds} if blinds else {wanted, f"{{{wanted.strip('{}')}}}"}
        return stored.population.find(marks, "" if blinds else wanted, self.sealing.name)

    def blinds(self, text: str) -> tuple[str, ...]:
        """The blind indexes of an e-mail address under all keys; none for any other text."""
        is_address = "@" in text and text_without_emails(text, lambda _: "") == "[email:]"
        return self._blinder.of(text) if is_address else ()

    async def reveal(self, stored: Stored, person: Individual, reason: str) -> list[str]:
        """The person's addresses, the newest first. It is in the custody log before it is told.

        Raises:
            ConfigError: an address cannot be opened.
            StoreError: the custody log cannot be written.
        """
        records = stored.population.records_of(person)
        addresses = [address for record in records for address in self.sealing.emails(record)]
        await self._custody.record(
            REVEALED, body={"person": person.name, "ids": [*sorted(person.ids)]}, reason=reason
        )
        return [*dict.fromkeys(addresses)]

    async def forget(self, person: Individual, reason: str) -> int:
        """Destroy everything about a person but ids and groups; the number of the custody row.

        The list in the data folder comes first, so that no sync that runs meanwhile brings the person back.

        Any legal hold forbids it, since none can be told not to concern the person.

        Raises:
            CheckFailedError: a legal hold is in force.
            ConfigError: the list cannot be written.
            StoreError: the store cannot be written; say it again.
        """
        await self._holds.refuse_to_forget()
        self.gone.add(person.ids, self._clock())
        await self._erase()
        body: JsonObject = {"person": person.name, "ids": [*sorted(person.ids)]}
        return await self._custody.record(FORGOTTEN, body=body, reason=reason, count=len(person.records))

    async def reapply(self) -> int:
        """Forget again whoever is on the list, after a restore; how many records that were.

        Raises:
            ConfigError: the list cannot be read.
            StoreError: the store cannot be written.
        """
        erased = await self._erase()
        ids = sorted(record.id for record in erased)
        await self._custody.record(REAPPLIED, body={"ids": [*ids]}, count=len(erased))
        return len(erased)

    async def _erase(self) -> list[PersonRecord]:
        """Erase what is stored of people on the list, in all sites, and from the disk."""
        lost = self.gone.ids()
        for attempt in range(_TRIES):
            stored = await self.stored()
            mine = [
                record
                for one in stored.population.individuals
                if not lost.isdisjoint(one.ids)
                for record in stored.population.records_of(one)
            ]
            changed = [record for record in mine if forgotten(record) != record]
            try:
                await self.save([stored.change(forgotten(record), self._clock()) for record in changed])
            except FencedError:
                if attempt == _TRIES - 1:
                    raise
                continue
            break
        await self.write_lookups()
        await self._people.purge()
        await self._lookup.purge()
        return changed


def operator() -> str:
    """Who is at work on this machine, for the custody log."""
    try:
        name = getpass.getuser()
    except (OSError, KeyError):
        name = "unknown"
    return f"{name} on {socket.gethostname()}"


def _same(document: Document, value: Mapping[str, object]) -> bool:
    return {key: item for key, item in document.value.items() if key != "key"} == value
