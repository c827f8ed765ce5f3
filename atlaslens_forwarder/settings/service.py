"""The long-running service, its logs, and what is kept of people."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from atlaslens_forwarder.settings.section import Section


class ServiceSettings(Section):
    """The long-running service."""

    interval_s: int = Field(300, ge=5, le=86_400, description="Seconds between two rounds of a source")
    retention_days: int = Field(
        365, ge=30, le=3650, description="How far back to read and how long to keep events"
    )
    backfill_slice_days: int = Field(30, ge=1, le=365, description="Length of one window of the backfill")
    parallel_windows: int = Field(
        3, ge=1, le=16, description="Windows of one source that are read side by side"
    )
    lease_ttl_s: float = Field(
        30.0, ge=1, le=600, description="Seconds until another forwarder takes over from one that fell silent"
    )
    listen_host: str = Field("127.0.0.1", description="Address on which /metrics and /healthz are served")
    listen_port: int = Field(
        9464, ge=0, le=65_535, description="Port for /metrics and /healthz; 0 picks a free one"
    )
    retry_first_wait_s: float = Field(
        2.0, ge=0.01, le=60, description="First wait before a failed request is tried again"
    )


class PrivacySettings(Section):
    """What is kept of people."""

    seal_names: bool = Field(
        default=False,
        description="Seal display names in atlaslens-people as well, and leave them out of events",
    )


class LogSettings(Section):
    """Logging."""

    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level that is written"
    )
    format: Literal["auto", "json", "console"] = Field(
        "auto", description="auto: console on a terminal, else JSON"
    )
