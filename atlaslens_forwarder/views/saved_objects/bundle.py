"""All saved objects by file: one for what the views share and one for each view. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.model.json import compact_bytes
from atlaslens_forwarder.views.definitions import VIEWS
from atlaslens_forwarder.views.saved_objects.dashboard import view_objects
from atlaslens_forwarder.views.saved_objects.panels import PREFIX, search_object
from atlaslens_forwarder.views.saved_objects.patterns import index_patterns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.model import View
    from atlaslens_forwarder.views.saved_objects.patterns import Mappings

COMMON_FILE: Final = f"{PREFIX}-common.ndjson"
"""Index patterns and saved searches, which go first: the others refer to them."""


def bundles(mappings: Mappings, views: Sequence[View] = VIEWS) -> dict[str, list[JsonObject]]:
    """Saved objects by file name, in the order in which they are to be imported."""
    searches = [search_object(search) for view in views for search in view.searches]
    files = {COMMON_FILE: [*index_patterns(mappings), *searches]}
    for view in views:
        files[f"{PREFIX}-{view.id.replace('_', '-')}.ndjson"] = view_objects(view)
    return files


def all_objects(mappings: Mappings) -> list[JsonObject]:
    """Every saved object, what others refer to first."""
    return [one for objects in bundles(mappings).values() for one in objects]


def file_bytes(objects: Sequence[JsonObject]) -> bytes:
    """A file of saved objects, one a line; the same objects are the same bytes."""
    return b"".join(compact_bytes(one) + b"\n" for one in objects)
