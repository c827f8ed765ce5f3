"""When a month has expired. Pure.

Every event lives at least the retention: a month is counted from its start, so 31 days are added, the
length of the longest month. The same sum stands in the policy where OpenSearch deletes by itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.storage.names import parse_month_index

if TYPE_CHECKING:
    from collections.abc import Iterable

RETENTION_DAYS = 365
MONTH_SLACK_DAYS = 31
RETENTION_POLICY = "atlaslens-retention"
"""Name of the index management policy."""


def month_age_days(retention_days: int) -> int:
    """The age of a month, counted from its start, at which it is deleted."""
    return retention_days + MONTH_SLACK_DAYS


def expired_months(names: Iterable[str], now_ms: int, retention_days: int = RETENTION_DAYS) -> list[str]:
    """Those of the index names that are months of ours and have reached that age, sorted.

    Foreign names and indices without months are never among them.
    """
    last_start_ms = now_ms - month_age_days(retention_days) * DAY_MS
    months = ((name, parse_month_index(name)) for name in names)
    return sorted(name for name, month in months if month is not None and month.start_ms <= last_start_ms)
