"""One pass over the events: the figures of the summary, and which characters the report will need. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.fields import event_at_ms, texts_at, values_at
from atlaslens_forwarder.evidence.filters import ACTION_PATH, PRODUCT_PATH
from atlaslens_forwarder.evidence.pdf.rows import cells_of
from atlaslens_forwarder.model.time import DAY_MS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from atlaslens_forwarder.model.json import JsonObject


@dataclass(slots=True)
class Digest:
    """Figures over all events. Its size follows the number of people, actions and days, not of events."""

    count: int = 0
    permission_changes: int = 0
    products: Counter[str] = field(default_factory=Counter)
    actions: Counter[str] = field(default_factory=Counter)
    people: Counter[str] = field(default_factory=Counter)
    """By id of the actor, by name where there is no id."""
    names: dict[str, str] = field(default_factory=dict)
    """The actor's id → the name of the last event that has one."""
    sensitivities: Counter[str] = field(default_factory=Counter)
    days: Counter[int] = field(default_factory=Counter)
    """Days since the epoch, UTC."""
    characters: set[str] = field(default_factory=set)
    """All that the table shows beyond ASCII."""

    def add(self, event: JsonObject, visible: Callable[[str], str]) -> None:
        """Take the next event.

        Raises:
            ValueError: it has no time, or a value without a canonical form.
        """
        self.count += 1
        self.days[event_at_ms(event) // DAY_MS] += 1
        self.products.update(texts_at(event, PRODUCT_PATH))
        self.actions.update(texts_at(event, ACTION_PATH))
        self.sensitivities.update(texts_at(event, "atlassian.sensitivity"))
        self.permission_changes += values_at(event, "atlassian.permission_change") == [True]
        names = texts_at(event, "user.full_name")
        people = texts_at(event, "user.id") or names
        self.people.update(people)
        if len(people) == len(names):
            self.names.update(zip(people, names, strict=True))
        for cell in cells_of(event, self.count, visible):
            for text, _ in cell:
                if not text.isascii():
                    self.characters.update(text)


def digest(events: Iterable[JsonObject], visible: Callable[[str], str]) -> Digest:
    """The figures of these events.

    Raises:
        ValueError: an event has no time, or a value without a canonical form.
    """
    result = Digest()
    for event in events:
        result.add(event, visible)
    return result
