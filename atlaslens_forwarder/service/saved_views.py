"""The views as saved objects, made with the index templates of this version.

``python -m atlaslens_forwarder.service.saved_views dashboards`` writes the files anew (``make dashboards``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from atlaslens_forwarder.provision.templates import load_templates
from atlaslens_forwarder.storage.names import Family
from atlaslens_forwarder.views.model import Index
from atlaslens_forwarder.views.saved_objects.bundle import all_objects, bundles, file_bytes

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.views.saved_objects.patterns import Mappings

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


def saved_views() -> list[JsonObject]:
    """Every saved object, in the order of an import.

    Raises:
        ConfigError: the index templates are missing or broken.
    """
    return all_objects(view_mappings())


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
