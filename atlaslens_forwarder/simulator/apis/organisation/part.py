"""The organisation above a site: its events as the API writes them, and its truth ``org-events``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import SECOND_MS, iso_ms
from atlaslens_forwarder.simulator import orders
from atlaslens_forwarder.simulator.site import TruthRow
from atlaslens_forwarder.simulator.world.organisation import Organisation

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.organisation import OrgEvent
    from atlaslens_forwarder.simulator.world.people import Person

TRUTH: Final = "org-events"
_ORDER_HINT: Final = "give do = add or random, see docs/simulator.md"


class OrganisationPart:
    """The organisation of a site; made when it is first needed."""

    truths: tuple[str, ...] = (TRUTH,)

    def __init__(self, site: Site) -> None:
        self._site = site
        self._organisation: Organisation | None = None
        self._arrived = 0

    @property
    def organisation(self) -> Organisation:
        """All its events."""
        if self._organisation is None:
            self._organisation = Organisation(self._site.world, self._site.world.spec.organisation_events)
        return self._organisation

    @property
    def orders(self) -> Mapping[str, Callable[[JsonObject], JsonValue]]:
        """What can be ordered over ``/_sim``."""
        return {"organisation": self._act}

    def truth(self, source: str, from_ms: int | None, to_ms: int | None) -> Iterator[TruthRow]:
        """Every event that can be read by now, newest first; both ends inclusive, epoch milliseconds."""
        del source
        rows = [
            TruthRow(event.id, event.at_ms, event.processed_ms, _told(event) | {"served": self.body(event)})
            for event in self.organisation.processed(self._site.now_ms())
            if (from_ms is None or event.at_ms >= from_ms) and (to_ms is None or event.at_ms <= to_ms)
        ]
        yield from sorted(rows, key=lambda row: (row.at_ms, row.key), reverse=True)

    def page_asked(self) -> None:
        """Note that a page is being asked for: the key grows old, something happens meanwhile."""
        faults = self._site.faults
        self._site.count_page()
        for _ in range(min(faults.arriving_changes, faults.arriving_limit - self._arrived)):
            self._happen(self._site.now_ms())
            self._arrived += 1

    def body(self, event: OrgEvent) -> JsonObject:
        """An event in the API's form, people as they are called now."""
        names = self._site.world.names
        actor: JsonObject = {
            "id": event.app,
            "name": event.app.capitalize(),
            "email": "Atlassian app",
            "links": {},
        }
        if event.actor is not None:
            actor = self._person(event.actor) | {"auth": {"authType": "session"}}
        context: list[JsonValue] = []
        if event.person is not None:
            kind = "invited-user" if event.action == "user_invitation_sent" else "users"
            named = self._person(event.person)
            context.append({"id": named.pop("id"), "type": kind, "attributes": named, "links": {}})
        if event.group is not None:
            group: JsonObject = {"name": event.group.name}
            context.append({"id": event.group.id, "type": "groups", "attributes": group, "links": {}})
        if event.thing is not None:
            about: JsonObject = {"name": event.thing.name}
            context.append({"id": event.thing.id, "type": event.thing.type, "attributes": about, "links": {}})
        words = event.words.format(
            person=names.of(event.person).display_name if event.person else "",
            group=event.group.name if event.group else "",
            thing=event.thing.name if event.thing else "",
        )
        owner: JsonObject = {
            "id": self._site.credentials.organisation_id,
            "type": "orgs",
            "attributes": {"name": self._site.world.spec.site},
            "links": {},
        }
        location: JsonObject = {"ip": event.address, "geo": "EU", "countryName": "", "city": ""}
        attributes: JsonObject = {
            "time": iso_ms(event.at_ms),
            "processedAt": iso_ms(event.processed_ms),
            "action": event.action,
            "actor": actor,
            "context": context,
            "container": [owner],
            "location": location if event.address else {},
        }
        return {
            "id": event.id,
            "type": "events",
            "attributes": attributes,
            "message": {"content": f"{actor['name']} {words}", "format": "simple"},
        }

    def _person(self, person: Person) -> JsonObject:
        name = self._site.world.names.of(person).display_name
        return {"id": person.account_id, "name": name, "email": person.email}

    def _happen(self, at_ms: int, *, action: str | None = None, processed_ms: int | None = None) -> OrgEvent:
        late = self._site.faults.organisation_late_events
        return self.organisation.add(at_ms, late=late, action=action, processed_ms=processed_ms)

    def _act(self, body: JsonObject) -> JsonValue:
        """``add`` with ``action`` and ``ago_s``, or ``random``; the ids of what happened.

        Raises:
            ConfigError: the order makes no sense.
        """
        do, count = orders.text(body, "do"), orders.amount(body, "count", 1)
        now_ms = self._site.now_ms()
        if do == "add":
            action = orders.text(body, "action") if "action" in body else None
            at_ms = now_ms - orders.amount(body, "ago_s", 0) * SECOND_MS
            made = [self._happen(at_ms, action=action, processed_ms=now_ms) for _ in range(count)]
            return {"ids": [event.id for event in made]}
        if do == "random":
            return {"ids": [self._happen(now_ms).id for _ in range(count)]}
        raise ConfigError(f"{do!r} is no order", hint=_ORDER_HINT)


def _told(event: OrgEvent) -> JsonObject:
    return {
        "action": event.action,
        "actor": event.actor.account_id if event.actor else None,
        "app": event.app or None,
        "target": event.person.account_id if event.person else None,
        "group": event.group.id if event.group else None,
        "thing": event.thing.id if event.thing else None,
        "address": event.address or None,
    }
