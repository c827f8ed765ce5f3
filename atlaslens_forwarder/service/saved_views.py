"""The views as saved objects, from the index templates of this version and the people in the store.

``python -m atlaslens_forwarder.service.saved_views dashboards`` writes the files anew (``make dashboards``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.people.population import Population
from atlaslens_forwarder.people.records import record_of
from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.storage.documents import Documents
from atlaslens_forwarder.storage.names import Family
from atlaslens_forwarder.views.model import Index
from atlaslens_forwarder.views.saved_objects.bundle import NOBODY, Known, all_objects, bundles, file_bytes

if TYPE_CHECKING:
    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.saved_objects.patterns import Mappings

MOST_NAMES: Final = 5_000
"""Every browser loads them with the index pattern; these are about half a megabyte."""
_FAMILIES = {
    Index.EVENTS: (Family.AUDIT, Family.ACTIVITY, Family.UNDATED),
    Index.WINDOWS: (Family.WINDOWS,),
    Index.QUARANTINE: (Family.QUARANTINE,),
}


def view_mappings() -> Mappings:
    """The mappings behind each place where panels look.

    Raises:
        ConfigError: the index templates are missing or broken.
    """
    templates = load_templates()
    return {
        index: tuple(templates.mapping(family) for family in families)
        for index, families in _FAMILIES.items()
    }


def saved_views(known: Known = NOBODY) -> list[JsonObject]:
    """Every saved object, in the order of an import.

    Raises:
        ConfigError: the index templates are missing or broken.
    """
    return all_objects(view_mappings(), known)


async def known_people(client: AsyncOpenSearch) -> Known:
    """Names of people and groups for the views; empty where the store was not set up yet.

    Whoever was forgotten, or whose name is sealed, stays an id.

    Raises:
        StoreError: the people cannot be read.
        UnreachableError: OpenSearch does not answer, or refuses us.
    """
    if not await client.indices.exists(index=Family.PEOPLE.single_index):
        return NOBODY
    documents = await Documents(client, Family.PEOPLE).all()
    records = [record_of(document.value) for document in documents]
    return known_of(Population(record for record in records if record is not None))


def known_of(population: Population) -> Known:
    """Names by each id of a person, and groups with members; no names at all where there are too many."""
    names = {
        one_id: record.full_name
        for record in population.people
        if record.full_name and not record.forgotten
        for one_id in (record.id, *sorted(record.ids))
    }
    groups = {f"group:{group.id}": group.name for group in population.groups if group.members and group.name}
    return Known(names if len(names) <= MOST_NAMES else {}, groups)


def write_saved_views(folder: Path) -> None:
    """Write all files; one that no view stands behind any more is removed.

    Raises:
        ConfigError: the index templates are missing or broken.
    """
    files = bundles(view_mappings())
    folder.mkdir(parents=True, exist_ok=True)
    for name, objects in files.items():
        (folder / name).write_bytes(file_bytes(objects))
    for left in folder.glob("*.ndjson"):
        if left.name not in files:
            left.unlink()


if __name__ == "__main__":
    write_saved_views(Path(sys.argv[1]))
