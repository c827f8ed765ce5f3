"""What happens in the organisation above a site: sign-ins, groups, accounts, tokens, apps, policies.

Actions whose form is recorded: those of the test files of ``atlassian_cloud`` in elastic/integrations. The
others are formed alike; their ``context`` is plausible only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.time import HOUR_MS, SECOND_MS
from atlaslens_forwarder.simulator.world.calendar import at_busy, busy_at
from atlaslens_forwarder.simulator.world.chance import Chance, label
from atlaslens_forwarder.simulator.world.world import Scene

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.world.people import Person
    from atlaslens_forwarder.simulator.world.places import Group
    from atlaslens_forwarder.simulator.world.world import World

ORGANISATION: Final = "organisation"
_LATE: Final = label("processed late")
_LATEST_MS: Final = 5 * HOUR_MS


@dataclass(frozen=True, slots=True)
class Thing:
    """What an event names beside its actor, unless that is a person or a group."""

    id: str
    type: str
    name: str


@dataclass(frozen=True, slots=True)
class OrgEvent:
    """One event; ``app`` acted where no person did, ``words`` say the deed after the actor's name."""

    number: int
    id: str
    at_ms: int
    processed_ms: int
    action: str
    words: str
    actor: Person | None = None
    app: str = ""
    person: Person | None = None
    group: Group | None = None
    thing: Thing | None = None
    address: str = ""


@dataclass(slots=True)
class _Draft:
    """What a kind of event decides."""

    actor: Person | None = None
    app: str = ""
    person: Person | None = None
    group: Group | None = None
    thing: Thing | None = None


def _own(scene: Scene) -> _Draft:
    return _Draft(actor=scene.colleague())


def _by_admin(scene: Scene) -> _Draft:
    return _Draft(actor=scene.admin())


def _on_person(scene: Scene) -> _Draft:
    return _Draft(actor=scene.admin(), person=scene.colleague())


def _on_group(scene: Scene) -> _Draft:
    return _Draft(actor=scene.admin(), group=scene.chance.pick(scene.world.places.groups))


def _membership(scene: Scene) -> _Draft:
    draft = _on_group(scene)
    draft.person = scene.colleague()
    return draft


def _token(scene: Scene) -> _Draft:
    token = Thing(f"token-{scene.chance.hex(8)}", "token", "Nightly export")
    return _Draft(actor=scene.colleague(), thing=token)


def _on_app(scene: Scene) -> _Draft:
    return _Draft(actor=scene.admin(), thing=Thing(scene.chance.uuid(), "apps", "Time Sheets for Everyone"))


def _on_space(scene: Scene) -> _Draft:
    space = scene.chance.pick(scene.world.places.spaces)
    return _Draft(actor=scene.lead(), thing=Thing(space.id, "space", space.name))


def _by_app(_scene: Scene) -> _Draft:
    return _Draft(app="confluence")


_KINDS: Final[tuple[tuple[int, str, str, Callable[[Scene], _Draft]], ...]] = (
    (9, "user_login", "logged in", _own),
    (3, "user_logout", "logged out", _own),
    (2, "user_login_failed", "failed to log in", _own),
    (4, "user_added_to_group", "added {person} to {group}", _membership),
    (3, "user_removed_from_group", "removed {person} from {group}", _membership),
    (1, "group_created", "created {group}", _on_group),
    (1, "group_deleted", "deleted {group}", _on_group),
    (2, "user_invitation_sent", "invited {person} to the organization", _on_person),
    (1, "user_deactivated", "deactivated {person}", _on_person),
    (1, "user_reactivated", "reactivated {person}", _on_person),
    (2, "api_token_created", "created an API token", _token),
    (1, "api_token_revoked", "revoked an API token", _token),
    (1, "marketplace_app_installed", "installed {thing}", _on_app),
    (1, "org_settings_update", "updated AuthenticationPolicy setting values", _by_admin),
    (1, "data_classification_policy_update", "updated data classification policy", _by_admin),
    (2, "organization_users_viewed", "viewed organization users", _by_admin),
    (2, "confluence_added_space_permission", "added Confluence space permission on {thing}", _on_space),
    (1, "confluence_audit_record_removed_content_restriction", "removed content restriction", _by_app),
    (1, "rovo_agent_reticulated", "reticulated an agent", _by_admin),
)
"""Weight, action, words, and what it is about; the last is one that nobody has heard of."""

ACTIONS: Final = tuple(action for _, action, _, _ in _KINDS)


class Organisation:
    """Every event of the organisation, by when it was processed."""

    def __init__(self, world: World, count: int) -> None:
        self._world = world
        self._seed = world.seed_of(ORGANISATION)
        self.events: list[OrgEvent] = []
        start, end = busy_at(world.spec.start_ms), busy_at(world.spec.now_ms)
        for number in range(count):
            at_ms = at_busy(start + (end - start) * (2 * number + 1) // (2 * count))
            self.add(at_ms)

    def add(
        self, at_ms: int, *, late: float = 0.0, processed_ms: int | None = None, action: str | None = None
    ) -> OrgEvent:
        """Something happens; ``late`` is the share of events that are processed up to five hours later."""
        number = len(self.events)
        chance = Chance(self._seed, number)
        scene = Scene(self._world, at_ms, chance)
        kinds = [kind for kind in _KINDS for _ in range(kind[0])]
        _, name, words, draw = chance.pick([kind for kind in _KINDS if kind[1] == action] or kinds)
        draft = draw(scene)
        if processed_ms is None:
            lot = Chance(self._seed, _LATE, number)
            delay_ms = lot.below(_LATEST_MS) if lot.hit(late) else 200 + lot.below(SECOND_MS)
            processed_ms = at_ms + delay_ms
        event = OrgEvent(
            number=number,
            id=chance.uuid(),
            at_ms=at_ms,
            processed_ms=processed_ms,
            action=action or name,
            words=words,
            actor=draft.actor,
            app=draft.app,
            person=draft.person,
            group=draft.group,
            thing=draft.thing,
            address=scene.address(draft.actor) if draft.actor else "",
        )
        self.events.append(event)
        return event

    def processed(self, now_ms: int) -> list[OrgEvent]:
        """Those that are there to be read, the first processed first."""
        ready = [event for event in self.events if event.processed_ms <= now_ms]
        return sorted(ready, key=lambda event: (event.processed_ms, event.number))
