"""Rows as they come from a source, and events as they go to the store."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject


class Pipeline(StrEnum):
    """The two kinds of data, each with its own month indices."""

    AUDIT = "audit"
    ACTIVITY = "activity"


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row of an API page.

    ``identity`` names the row for ever: the API's own id, or a digest with a counter where it has none.
    ``at_ms`` is the row's own time in epoch milliseconds, None where it cannot be read.
    """

    data: JsonObject
    identity: str
    at_ms: int | None


@dataclass(frozen=True, slots=True)
class EventContext:
    """What a normaliser may know besides the row: where it was read."""

    site: str
    site_url: str
    cloud_id: str


@dataclass(frozen=True, slots=True)
class Event:
    """An ECS document, its deterministic ``_id`` and its time in epoch milliseconds UTC.

    The pipeline is the event's own: most are their source's, but a permission change that an activity source
    infers belongs to the audit pipeline.
    """

    id: str
    at_ms: int
    pipeline: Pipeline
    doc: JsonObject


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that could not become an event; it goes to quarantine whole.

    ``reason`` is from a closed vocabulary (see ``docs/operations.md``), ``detail`` names the field,
    never its content.
    """

    row: RawRow
    reason: str
    detail: str
