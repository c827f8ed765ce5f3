"""Acts drawn from chance on the content there is: what tests shake a site with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.world.content import vocabulary
from atlaslens_forwarder.simulator.world.content.items import Item, Kind, Status
from atlaslens_forwarder.simulator.world.content.library import Act, Library
from atlaslens_forwarder.simulator.world.content.past import edit, writer

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.chance import Chance
    from atlaslens_forwarder.simulator.world.world import World

_COMMENTABLE: Final = (Status.CURRENT, Status.ARCHIVED)


class Churn:
    """Acts drawn from chance on what there is now; equal chances on equal libraries act alike."""

    def __init__(self, world: World, library: Library) -> None:
        self._world = world
        self._library = library
        self._acts: tuple[tuple[int, str, Callable[[Act, Chance], Item | None]], ...] = (
            (10, "edit", self._edit),
            (3, "create", self._create),
            (4, "comment", self._comment),
            (2, "edit-comment", self._edit_comment),
            (1, "resolve", self._resolve),
            (1, "trash", self._trash),
            (1, "restore", self._restore),
            (1, "purge", self._purge),
            (1, "archive", self._archive),
            (1, "delete-comment", self._delete_comment),
            (1, "move", self._move),
        )

    def once(self, at_ms: int, chance: Chance, *, gentle: bool = False) -> tuple[str, Item] | None:
        """One act; ``gentle`` keeps to those that lose nothing. None where it found nothing to act on."""
        acts = self._acts[:4] if gentle else self._acts
        lot = chance.below(sum(weight for weight, _, _ in acts))
        for weight, name, act in acts:
            if lot < weight:
                item = act(Act(writer(self._world, at_ms, chance), at_ms), chance)
                return None if item is None else (name, item)
            lot -= weight
        return None

    def _some(self, chance: Chance, statuses: tuple[Status, ...], *kinds: Kind) -> Item | None:
        items = [
            item
            for item in self._library.of(*kinds)
            if item.status in statuses and (item.container is None or item.container.status is Status.CURRENT)
        ]
        # Two of three acts fall on what is young: several versions between two polls.
        young = items[-8:] if chance.hit(0.66) else items
        return chance.pick(young) if items else None

    def _edit(self, act: Act, chance: Chance) -> Item | None:
        item = self._some(chance, (Status.CURRENT,), Kind.PAGE, Kind.PAGE, Kind.BLOG_POST)
        if item is not None:
            edit(self._library, act, item, chance)
        return item

    def _create(self, act: Act, chance: Chance) -> Item | None:
        kind = Kind.BLOG_POST if chance.hit(0.2) else Kind.PAGE
        titles = vocabulary.POSTS if kind is Kind.BLOG_POST else vocabulary.TITLES
        title = f"{chance.pick(titles)} {len(self._library.items) + 1}"
        return self._library.create(act, kind, chance.pick(self._world.places.spaces), title)

    def _comment(self, act: Act, chance: Chance) -> Item | None:
        item = self._some(chance, _COMMENTABLE, Kind.PAGE, Kind.BLOG_POST)
        selection = chance.pick(vocabulary.SELECTIONS) if chance.hit(0.3) else ""
        return None if item is None else self._library.comment(act, item, selection=selection)

    def _edit_comment(self, act: Act, chance: Chance) -> Item | None:
        item = self._some(chance, (Status.CURRENT,), Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT)
        if item is not None:
            self._library.edit(Act(item.author, act.at_ms), item)
        return item

    def _resolve(self, act: Act, chance: Chance) -> Item | None:
        item = self._some(chance, (Status.CURRENT,), Kind.INLINE_COMMENT)
        if item is not None:
            self._library.resolve(act, item, is_resolved=not item.is_resolved)
        return item

    def _turned(self, act: Act, item: Item | None, status: Status) -> Item | None:
        if item is not None:
            self._library.set_status(act, item, status)
        return item

    def _trash(self, act: Act, chance: Chance) -> Item | None:
        return self._turned(act, self._some(chance, _COMMENTABLE, Kind.PAGE, Kind.BLOG_POST), Status.TRASHED)

    def _restore(self, act: Act, chance: Chance) -> Item | None:
        return self._turned(
            act, self._some(chance, (Status.TRASHED,), Kind.PAGE, Kind.BLOG_POST), Status.CURRENT
        )

    def _purge(self, act: Act, chance: Chance) -> Item | None:
        return self._turned(
            act, self._some(chance, (Status.TRASHED,), Kind.PAGE, Kind.BLOG_POST), Status.DELETED
        )

    def _archive(self, act: Act, chance: Chance) -> Item | None:
        return self._turned(act, self._some(chance, (Status.CURRENT,), Kind.PAGE), Status.ARCHIVED)

    def _delete_comment(self, act: Act, chance: Chance) -> Item | None:
        item = self._some(chance, (Status.CURRENT,), Kind.FOOTER_COMMENT, Kind.INLINE_COMMENT)
        return self._turned(act, item, Status.DELETED)

    def _move(self, act: Act, chance: Chance) -> Item | None:
        item = self._some(chance, (Status.CURRENT,), Kind.PAGE)
        if item is not None:
            self._library.move(act, item, chance.pick(self._world.places.spaces), None)
        return item
