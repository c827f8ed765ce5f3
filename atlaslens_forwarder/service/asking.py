"""What people and groups that somebody typed stand for: all ids by which their events are found, as of now.

Events never change. Whoever is known better later on is found in what was stored before, because a question
is expanded when it is asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.service.people import People

MOST_TERMS = 65_536
"""What one terms query of OpenSearch takes (``index.max_terms_count``)."""


async def expand(
    people: People, users: Sequence[str], groups: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The terms of these people, and those of the members of these groups.

    Somebody who is in no list of people stands for himself: a name or an id as it is in events, and for an
    e-mail address its blind indexes. An address is never part of the answer.

    Raises:
        ConfigError: a text can mean several people, a group is unknown, or the terms are too many.
        StoreError: the store cannot be read.
    """
    if not users and not groups:
        return (), ()
    stored = await people.stored()
    terms: set[str] = set()
    for user in users:
        known = people.found(stored, user)
        terms |= (
            {*known.terms} if known is not None else {*(people.blinds(user) or (people.sealing.clean(user),))}
        )
    members = {
        term
        for name in groups
        for group in stored.population.groups_called(name)
        for term in stored.population.terms_of(group)
    }
    if max(len(terms), len(members)) > MOST_TERMS:
        raise ConfigError(
            f"these people have more than {MOST_TERMS:,} ids", hint="export smaller groups one by one"
        )
    return tuple(sorted(terms)), tuple(sorted(members))
