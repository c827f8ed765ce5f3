"""The roles: who may do what. Pure; docs/security.md is tested against this table.

Names of permissions: https://docs.opensearch.org/latest/security/access-control/permissions/
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.storage.names import EVENTS_ALIAS, OWN_PATTERN, PREFIX, Family

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.model.json import JsonObject

READ: Final = ("indices:data/read/*", "indices:admin/refresh*", "indices:admin/resolve/index")
DESCRIBE: Final = (
    "indices:admin/get",
    "indices:admin/aliases/get",
    "indices:admin/mappings/get",
    "indices:admin/mappings/fields/get*",
    "indices:monitor/settings/get",
    "indices:monitor/stats",
)
APPEND: Final = ("indices:data/write/bulk*", "indices:data/write/index")
"""What ``create`` needs. No permission tells it from overwriting, which append-only indices refuse."""
DASHBOARDS_INDICES: Final = (".kibana*", ".opensearch_dashboards*")
LOOK: Final = (
    "cluster:monitor/main",
    "cluster:monitor/state",
    "cluster:monitor/health",
    "cluster:monitor/nodes/*",
)
SEARCH_MANY: Final = ("indices:data/read/mget", "indices:data/read/msearch", "indices:data/read/scroll*")
POINT_IN_TIME: Final = ("indices:data/read/point_in_time/*",)


@dataclass(frozen=True, slots=True)
class IndexRights:
    """What is allowed in the indices of some names."""

    patterns: tuple[str, ...]
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """A role of ours; users and backend roles of the same name have it."""

    name: str
    purpose: str
    cluster: tuple[str, ...]
    indices: tuple[IndexRights, ...]
    tenant: str = ""
    """What is allowed in Dashboards' global tenant; nothing when empty."""
    personal: bool = False
    """Held by people, each with an account of one's own, and not by a service."""

    def body(self) -> JsonObject:
        """The role as the plugin's API takes it."""
        return {
            "description": self.purpose,
            "cluster_permissions": [*self.cluster],
            "index_permissions": [
                {"index_patterns": [*part.patterns], "allowed_actions": [*part.actions]}
                for part in self.indices
            ],
            "tenant_permissions": [{"tenant_patterns": ["global_tenant"], "allowed_actions": [self.tenant]}]
            if self.tenant
            else [],
        }


def _names(families: Iterable[Family]) -> tuple[str, ...]:
    return tuple(
        f"{PREFIX}-{family.value}-*" if family.monthly else family.single_index for family in families
    )


_EVENTS = (Family.AUDIT, Family.ACTIVITY, Family.UNDATED)
_APPENDED = (*_EVENTS, Family.QUARANTINE, Family.WINDOWS, Family.SEALS)
_CHANGED = (Family.STATE, Family.PEOPLE, Family.LOOKUP, Family.ALERTS)
_SHOWN = (*_EVENTS, Family.QUARANTINE, Family.WINDOWS, Family.SEALS, Family.LOOKUP, Family.ALERTS)

WRITER: Final = Role(
    f"{PREFIX}-writer",
    "Creates events; keeps state, people, alerts and the custody log. Reads no event.",
    # Deleting by query, which expires alerts, scrolls; where to begin is decided by the rights below.
    cluster=("cluster:monitor/main", "indices:data/write/bulk", "indices:data/read/scroll*"),
    indices=(
        IndexRights(_names(_APPENDED), APPEND),
        IndexRights((Family.CUSTODY.single_index,), (*APPEND, *READ)),
        IndexRights(
            _names(_CHANGED),
            (
                *APPEND,
                *READ,
                "indices:data/write/delete*",
                "indices:admin/flush*",
                "indices:admin/forcemerge*",
            ),
        ),
    ),
)
READER: Final = Role(
    f"{PREFIX}-reader",
    "Searches everything of ours: exports, views, rules, what is stored already.",
    cluster=(*LOOK, *SEARCH_MANY, *POINT_IN_TIME),
    indices=(IndexRights((OWN_PATTERN,), (*READ, *DESCRIBE)),),
)
KEEPER: Final = Role(
    f"{PREFIX}-keeper",
    "Creates months, puts them under their retention, removes the expired. Reads no event.",
    cluster=(
        *LOOK,
        "indices:admin/index_template/get",
        "indices:admin/index_template/simulate_index",
        "cluster:admin/component_template/get",
        "cluster:admin/opendistro/ism/policy/get",
        "cluster:admin/opendistro/ism/policy/search",
        "cluster:admin/opendistro/ism/managedindex/*",
        "cluster:admin/opendistro/alerting/monitor/search",
    ),
    indices=(
        IndexRights(
            (OWN_PATTERN,),
            (*DESCRIBE, "indices:admin/create", "indices:admin/aliases", "indices:admin/delete"),
        ),
    ),
)
ANALYST: Final = Role(
    f"{PREFIX}-analyst",
    "Looks at events and views in Dashboards. For people, one account each.",
    cluster=(*SEARCH_MANY, *POINT_IN_TIME, "cluster:monitor/main", "cluster:monitor/health"),
    indices=(
        IndexRights((EVENTS_ALIAS, *_names(_SHOWN)), (*READ, *DESCRIBE)),
        IndexRights(DASHBOARDS_INDICES, (*READ, *DESCRIBE)),
    ),
    tenant="kibana_all_read",
    personal=True,
)
ADMIN: Final = Role(
    f"{PREFIX}-admin",
    "Sets up our indices, policies, monitors and views; manages accounts.",
    cluster=(
        *LOOK,
        *SEARCH_MANY,
        "indices:data/write/bulk",
        "cluster:admin/settings/update",
        "cluster:monitor/settings",
        "indices:admin/index_template/*",
        "cluster:admin/component_template/*",
        "cluster:admin/opendistro/ism/*",
        "cluster:admin/opendistro/alerting/*",
    ),
    indices=(
        IndexRights((OWN_PATTERN,), ("indices:*",)),
        IndexRights(DASHBOARDS_INDICES, ("indices:*",)),
    ),
    tenant="kibana_all_write",
)
ROLES: Final = (WRITER, READER, KEEPER, ANALYST, ADMIN)
SERVICE_ROLES: Final = tuple(role for role in ROLES if not role.personal)
