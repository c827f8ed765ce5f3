"""Issues, people, groups and service desks of a Jira site: Jira platform REST API v3 and servicedeskapi."""

from __future__ import annotations

from typing import Final

from atlaslens_forwarder.simulator.apis.jira_work import (
    accounts,
    changelogs,
    desk,
    groups,
    notes,
    projects,
    search,
)
from atlaslens_forwarder.simulator.apis.jira_work.part import JiraPart
from atlaslens_forwarder.simulator.calls import Api

API: Final = Api(
    routes=(
        *search.ROUTES,
        *changelogs.ROUTES,
        *notes.ROUTES,
        *projects.ROUTES,
        *accounts.ROUTES,
        *groups.ROUTES,
        *desk.ROUTES,
    ),
    part=JiraPart,
)
