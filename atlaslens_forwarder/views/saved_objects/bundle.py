"""All saved objects by file: one for what the views share and one for each view. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.json import compact_bytes
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.saved_objects.controls import group_query
from atlaslens_forwarder.views.saved_objects.dashboard import view_objects
from atlaslens_forwarder.views.saved_objects.panels import PREFIX, search_object
from atlaslens_forwarder.views.saved_objects.patterns import index_patterns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.model import View
    from atlaslens_forwarder.views.saved_objects.patterns import Mappings

COMMON_FILE: Final = f"{PREFIX}-common.ndjson"
"""Index patterns and saved searches, which go first: the others refer to them."""


@dataclass(frozen=True, slots=True)
class Known:
    """What only the store knows; nothing of it is in the files."""

    names: Mapping[str, str] = field(default_factory=dict)
    """Of people, by id."""
    groups: Mapping[str, str] = field(default_factory=dict)
    """Names of groups, by their key in ``atlaslens-lookup``."""


NOBODY: Final = Known()


def bundles(
    mappings: Mappings, views: Sequence[View] = VIEWS, known: Known = NOBODY
) -> dict[str, list[JsonObject]]:
    """Saved objects by file name, in the order in which they are to be imported."""
    searches = [search_object(search) for view in views for search in view.searches]
    groups = [group_query(key, name) for key, name in sorted(known.groups.items())]
    files = {COMMON_FILE: [*index_patterns(mappings, known.names), *searches, *groups]}
    for view in views:
        files[f"{PREFIX}-{view.id}.ndjson"] = view_objects(view)
    return files


def all_objects(mappings: Mappings, known: Known = NOBODY) -> list[JsonObject]:
    """Every saved object, what others refer to first."""
    return [one for objects in bundles(mappings, known=known).values() for one in objects]


def file_bytes(objects: Sequence[JsonObject]) -> bytes:
    """A file of saved objects, one a line; the same objects are the same bytes."""
    return b"".join(compact_bytes(one) + b"\n" for one in objects)
