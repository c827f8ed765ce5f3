"""One module per view; ``VIEWS`` lists them in the order of the navigation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.views.definitions import (
    overview,
    productivity,
    security,
    sync_health,
    timeline,
    work_items,
)

if TYPE_CHECKING:
    from atlaslens_forwarder.views.model import View

VIEWS: Final[tuple[View, ...]] = (
    overview.VIEW,
    productivity.VIEW,
    security.VIEW,
    timeline.VIEW,
    work_items.VIEW,
    sync_health.VIEW,
)
