"""What can be leased besides connectors, whose leases have the connector's own name."""

from __future__ import annotations

from enum import StrEnum


class Job(StrEnum):
    """Work on the whole store that one forwarder does for all."""

    ALERTS = "alerts"
    HOUSEKEEPING = "housekeeping"
    SEALS = "seals"
    REPORTS = "reports"
