"""The history of a Confluence site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import DAY_MS, MINUTE_MS
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.content import vocabulary
from atlaslens_forwarder.simulator.world.content.items import Item, Kind, Status
from atlaslens_forwarder.simulator.world.content.library import Act, Library
from atlaslens_forwarder.simulator.world.history import History, Shape
from atlaslens_forwarder.simulator.world.people import SERVICE

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.world import World

CONTENT: Final = "confluence-content"
_PER_POST: Final = 6
_PER_FOOTER: Final = 2
_PER_INLINE: Final = 4


def writer(world: World, at_ms: int, chance: Chance) -> Person:
    """Somebody of the staff who works there at that time; seldom a service account."""
    people = [
        person
        for person in world.people.staff
        if (person.left_at_ms is None or at_ms < person.left_at_ms)
        and person is not world.people.collector
        and (person.role != SERVICE or chance.hit(0.1))
    ]
    return chance.pick(people)


def library_of(world: World) -> Library:
    """The content at the end of the history: pages with their versions, and for some a post or comments."""
    spec, library = world.spec, Library()
    if not spec.pages:
        return library
    births = History(world.seed_of(CONTENT), spec.pages, spec.start_ms, spec.now_ms, Shape())
    plan: list[tuple[int, int, int]] = []
    for number in range(spec.pages):
        chance = Chance(world.seed_of(CONTENT), label("plan"), number)
        at_ms = births.at_ms(number)
        plan.append((at_ms, number, 0))
        for step in range(1, 1 + chance.below(6)):
            # Some edits follow within minutes, some months later.
            wait = 20 * MINUTE_MS if chance.hit(0.4) else 60 * DAY_MS
            at_ms += 1 + chance.below(wait)
            plan.append((min(at_ms, spec.now_ms - 1), number, step))
    pages: dict[int, Item] = {}
    for at_ms, number, step in sorted(plan):
        chance = Chance(world.seed_of(CONTENT), label("act"), number, step)
        act = Act(writer(world, at_ms, chance), at_ms)
        if step:
            _live_on(library, world, act, pages[number], chance)
        else:
            pages[number] = _begin(library, world, act, number, chance)
    return library


def _begin(library: Library, world: World, act: Act, number: int, chance: Chance) -> Item:
    """A page, and with every so many pages a post and comments."""
    space = chance.pick(world.places.spaces)
    siblings = [
        page for page in library.of(Kind.PAGE) if page.space is space and page.status is Status.CURRENT
    ]
    parent = chance.pick(siblings) if siblings and chance.hit(0.7) else None
    page = library.create(
        act, Kind.PAGE, space, f"{chance.pick(vocabulary.TITLES)} {number + 1}", parent=parent
    )
    on = page
    if number % _PER_POST == 0:
        post = library.create(act, Kind.BLOG_POST, space, f"{chance.pick(vocabulary.POSTS)} {number + 1}")
        on = post if chance.hit(0.5) else page
    if number % _PER_FOOTER == 0:
        first = library.comment(act, on)
        if chance.hit(0.3):
            library.comment(Act(writer(world, act.at_ms, chance), act.at_ms), on, reply_to=first)
    if number % _PER_INLINE == 0:
        library.comment(act, page, selection=chance.pick(vocabulary.SELECTIONS))
    return page


def _live_on(library: Library, world: World, act: Act, page: Item, chance: Chance) -> None:
    """What happens to a page later in its life."""
    if page.status is not Status.CURRENT:
        return
    lot = chance.below(40)
    if lot == 0:
        library.set_status(act, page, Status.TRASHED)
    elif lot == 1:
        library.set_status(act, page, Status.ARCHIVED)
    elif lot == 2:  # noqa: PLR2004 - the lot is drawn, its numbers mean nothing
        library.move(act, page, chance.pick(world.places.spaces), None)
    elif lot < 8:  # noqa: PLR2004
        _edit_comment(library, act, page, chance)
    else:
        edit(library, act, page, chance)


def edit(library: Library, act: Act, item: Item, chance: Chance) -> None:
    """A further version, at times with a new title, a message or marked as minor."""
    title = f"{item.latest.title} (new)" if item.kind is Kind.PAGE and chance.hit(0.05) else ""
    library.edit(act, item, title=title, message=chance.pick(vocabulary.MESSAGES), is_minor=chance.hit(0.2))


def _edit_comment(library: Library, act: Act, page: Item, chance: Chance) -> None:
    living = [comment for comment in page.comments if comment.status is Status.CURRENT]
    if living:
        comment = chance.pick(living)
        library.edit(Act(comment.author, act.at_ms), comment)
