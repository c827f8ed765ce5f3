"""Which static gaps the organisation's events close, by what was read of them and not by settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.cursor.intervals import Intervals
    from atlaslens_forwarder.gaps.static import StaticGap


class Stand(StrEnum):
    """How a static gap stands."""

    OPEN = "open"
    PARTLY_CLOSED = "partly closed"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class OrganisationRead:
    """What was read of one site's organisation, and whether the last round read it well."""

    covered: Intervals
    well: bool


def stand(
    gap: StaticGap, organisations: Sequence[OrganisationRead], sites: int, from_ms: int, to_ms: int
) -> Stand:
    """How a gap stands in ``[from_ms, to_ms)``.

    Closed: the organisation of every site is read well now and was read all that time. Partly closed: some of
    it was read. An organisation that refuses us, or was never read, closes nothing.
    """
    if not gap.by_organisation:
        return Stand.OPEN
    read = [each for each in organisations if each.covered.clip(from_ms, to_ms - 1)]
    if not read:
        return Stand.OPEN
    whole = [each for each in read if each.well and not each.covered.missing(from_ms, to_ms - 1)]
    return Stand.CLOSED if len(whole) >= max(1, sites) else Stand.PARTLY_CLOSED
