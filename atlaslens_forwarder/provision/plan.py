"""What a set-up would do: a list of objects, each with one action. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from atlaslens_forwarder.storage.expiry import RETENTION_DAYS

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.storage.client import ClusterInfo


class Kind(StrEnum):
    """Kinds of objects, in the order in which they are applied."""

    CLUSTER_SETTING = "cluster-setting"
    COMPONENT_TEMPLATE = "component-template"
    INDEX_TEMPLATE = "index-template"
    ISM_POLICY = "ism-policy"
    INDEX = "index"
    MAPPING = "mapping"
    MONTH = "month"
    MONITOR = "monitor"


class Action(StrEnum):
    """What applying a plan does with an object."""

    CREATE = "create"
    UPDATE = "update"
    UNCHANGED = "unchanged"
    UNAVAILABLE = "unavailable"
    """The plugin it needs is not installed; ``detail`` says what happens instead."""
    REFUSE = "refuse"
    """Applying would break something; ``detail`` says what. A plan with one of these is not applied."""


@dataclass(frozen=True, slots=True)
class SetupOptions:
    """What the user may choose at set-up."""

    now_ms: int
    retention_days: int = RETENTION_DAYS
    accept_mutable: bool = False
    """Go on although OpenSearch 2.x cannot keep indices append-only."""
    channel_id: str = ""
    """Notifications channel that monitors send to; without one they have no actions."""
    held: frozenset[str] = frozenset()
    """Months that a legal hold keeps: they are not put under the retention policy."""


@dataclass(frozen=True, slots=True)
class PlanItem:
    """One object and what would be done with it."""

    kind: Kind
    name: str
    action: Action
    detail: str = ""
    diff: tuple[str, ...] = ()
    """Lines ``path: found → desired``."""
    body: JsonObject | None = None
    """What is sent; None where nothing is."""


@dataclass(frozen=True, slots=True)
class Plan:
    """All objects, in the order in which they are applied."""

    cluster: ClusterInfo
    options: SetupOptions
    items: tuple[PlanItem, ...]

    @property
    def drift(self) -> bool:
        """Whether the store differs from what this version wants."""
        return any(item.action in {Action.CREATE, Action.UPDATE, Action.REFUSE} for item in self.items)
