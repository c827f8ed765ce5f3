"""The content of one site: its store, the orders that change it and its truth.

Truths: ``confluence-content`` has every version ever shown, ``confluence-turns`` what changed without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.simulator.apis.confluence_content.views import write_version
from atlaslens_forwarder.simulator.orders import amount, flag, listed, number, person_of, text
from atlaslens_forwarder.simulator.site import TruthRow
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.content.churn import Churn
from atlaslens_forwarder.simulator.world.content.items import Item, Kind, Status, Turn, Version
from atlaslens_forwarder.simulator.world.content.library import Act, Library
from atlaslens_forwarder.simulator.world.content.past import CONTENT, library_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.places import Space

TURNS: Final = "confluence-turns"
_STATUSES: Final = {
    "trash": Status.TRASHED,
    "restore": Status.CURRENT,
    "unarchive": Status.CURRENT,
    "archive": Status.ARCHIVED,
    "purge": Status.DELETED,
    "delete": Status.DELETED,
}


class ContentPart:
    """The content of a site; made when it is first needed."""

    truths: tuple[str, ...] = (CONTENT, TURNS)

    def __init__(self, site: Site) -> None:
        self._site = site
        self._library: Library | None = None
        self._arrived = 0

    @property
    def library(self) -> Library:
        """All content there is now."""
        if self._library is None:
            self._library = library_of(self._site.world)
        return self._library

    @property
    def orders(self) -> Mapping[str, Callable[[JsonObject], JsonValue]]:
        """What can be ordered over ``/_sim``."""
        return {"content": self.act}

    # Orders.

    def act(self, body: JsonObject) -> JsonValue:
        """One act at the present moment: ``do`` says which, ``actor`` who does it.

        Raises:
            ConfigError: there is no such action, or what it acts on does not allow it.
        """
        site, library, action = self._site, self.library, text(body, "do")
        if action == "random":
            return self._churn(body)
        act = Act(person_of(site, body), site.now_ms())
        if action == "create":
            kind = Kind.BLOG_POST if text(body, "kind", "page") == Kind.BLOG_POST else Kind.PAGE
            parent = library.item(number(body, "parent")) if "parent" in body else None
            item = library.create(
                act, kind, self._space(body), text(body, "title", "New page"), parent=parent
            )
        elif action == "comment":
            reply_to = library.item(number(body, "reply_to")) if "reply_to" in body else None
            on = library.item(number(body, "on"))
            item = library.comment(act, on, selection=text(body, "selection", ""), reply_to=reply_to)
        else:
            item = library.item(number(body, "id"))
            self._change(action, act, item, body)
        return {"id": str(item.id), "version": item.latest.number, "status": item.status.value}

    def _change(self, action: str, act: Act, item: Item, body: JsonObject) -> None:
        library = self.library
        if action == "edit":
            for _ in range(amount(body, "times", 1)):
                library.edit(
                    act,
                    item,
                    title=text(body, "title", ""),
                    message=text(body, "message", ""),
                    is_minor=flag(body, "minor"),
                )
        elif action in _STATUSES:
            library.set_status(act, item, _STATUSES[action])
        elif action in {"restrict", "unrestrict"}:
            library.restrict(act, item, is_restricted=action == "restrict")
        elif action in {"resolve", "reopen"}:
            library.resolve(act, item, is_resolved=action == "resolve")
        elif action == "move":
            parent = library.item(number(body, "parent")) if "parent" in body else None
            library.move(act, item, self._space(body), parent)
        else:
            raise ConfigError(f"no action is called {action!r}", hint="docs/simulator.md lists the actions")

    def _churn(self, body: JsonObject) -> JsonValue:
        """So many acts drawn from chance, told with the ids they fell on."""
        churn, done = Churn(self._site.world, self.library), []
        for position in range(amount(body, "count", 1)):
            chance = Chance(
                self._site.world.seed_of(CONTENT), label("churn"), number(body, "seed", 0), position
            )
            made = churn.once(self._site.now_ms(), chance)
            if made is not None:
                done.append((made[0], made[1].id))
        return listed({"did": action, "id": str(item_id)} for action, item_id in done)

    def page_asked(self) -> None:
        """Note that a page of a list is being asked for: credentials grow old, somebody writes meanwhile."""
        site = self._site
        site.count_page()
        for _ in range(site.faults.arriving_changes):
            if self._arrived < site.faults.arriving_limit and self.library.items:
                chance = Chance(site.world.seed_of(CONTENT), label("arrivals"), self._arrived)
                Churn(site.world, self.library).once(site.now_ms(), chance, gentle=True)
                self._arrived += 1

    def _space(self, body: JsonObject) -> Space:
        spaces, wanted = self._site.world.places.spaces, text(body, "space", "")
        for space in spaces:
            if space.key == wanted or (not wanted and space is spaces[0]):
                return space
        keys = ", ".join(space.key for space in spaces)
        raise ConfigError(f"no space has the key {wanted!r}", hint=f"use one of {keys}")

    # Truth.

    def truth(self, source: str, from_ms: int | None, to_ms: int | None) -> Iterator[TruthRow]:
        """Every version or turn ever shown, newest first; both ends inclusive, epoch milliseconds."""
        rows = self._version_rows() if source == CONTENT else self._turn_rows()
        kept = [
            row
            for row in rows
            if (from_ms is None or row.at_ms >= from_ms) and (to_ms is None or row.at_ms <= to_ms)
        ]
        yield from sorted(kept, key=lambda row: (row.at_ms, row.key), reverse=True)

    def _version_rows(self) -> Iterator[TruthRow]:
        for item in self.library.items.values():
            for version in item.versions:
                if version.shown_at_ms is not None:
                    key = f"{item.id}:{version.number}"
                    yield TruthRow(key, version.at_ms, version.shown_at_ms, _version_row(item, version))

    def _turn_rows(self) -> Iterator[TruthRow]:
        for turn in self.library.turns:
            if not turn.gone:
                yield TruthRow(f"{turn.item.id}:turn:{turn.number}", turn.at_ms, turn.at_ms, _turn_row(turn))


def _version_row(item: Item, version: Version) -> JsonObject:
    container, parent = item.container, item.parent
    return {
        "kind": item.kind.value,
        "id": str(item.id),
        "version": version.number,
        "action": "created" if version.number == 1 else "updated",
        "actor": version.author.account_id,
        "actor_shown": True,
        "seen_by": "record",
        "found_at_ms": version.shown_at_ms,
        "gone_at_ms": version.gone_at_ms,
        "served": write_version(item, version),
        "title": version.title,
        "at": iso_ms(version.at_ms),
        "message": version.message,
        "minor_edit": version.is_minor,
        "space_id": item.space.id,
        "space_key": item.space.key,
        "container_id": None if container is None else str(container.id),
        "container_kind": None if container is None else container.kind.value,
        "parent_id": None if parent is None else str(parent.id),
        "status": item.status.value,
    }


def _turn_row(turn: Turn) -> JsonObject:
    is_absent = turn.item.kind.is_comment and turn.after == Status.DELETED
    return {
        "kind": turn.item.kind.value,
        "id": str(turn.item.id),
        "action": turn.what,
        "actor": turn.person.account_id,
        "actor_shown": turn.what == "resolution",
        "seen_by": "absence" if is_absent else "record",
        "found_at_ms": turn.at_ms,
        "before": turn.before,
        "after": turn.after,
        "at": iso_ms(turn.at_ms),
    }
