"""How people are called now: Confluence resolves an author's names when it is asked, not when it wrote."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.simulator.world.people import Person


@dataclass(frozen=True, slots=True)
class Naming:
    """The attributes of a person that are resolved at read time."""

    display_name: str
    public_name: str
    account_type: str
    is_external: bool


class Names:
    """Present names of all people; a rename changes every row, old ones too."""

    def __init__(self) -> None:
        self._changed: dict[str, Naming] = {}

    def of(self, person: Person) -> Naming:
        """What the person is called now."""
        return self._changed.get(person.account_id) or Naming(
            person.display_name, person.display_name, person.account_type, person.is_external
        )

    def rename(self, person: Person, naming: Naming) -> None:
        """From now on the person is called otherwise."""
        self._changed[person.account_id] = naming

    def renamed(self) -> frozenset[str]:
        """Account ids of everyone who is not called as at first."""
        return frozenset(self._changed)
