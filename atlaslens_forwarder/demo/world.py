"""The demo's site and the settings with which it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import SecretStr

from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.settings import (
    DELIMITER,
    PREFIX,
    EngineSettings,
    OpenSearchSettings,
    ServiceSettings,
    Settings,
    SiteSettings,
)
from atlaslens_forwarder.simulator.faults import FaultPlan
from atlaslens_forwarder.simulator.world.spec import WorldSpec

if TYPE_CHECKING:
    from pathlib import Path

    from atlaslens_forwarder.simulator.server import Simulator

SITE = "acme"
SPAN_DAYS = 364
"""A day less than the retention, so that no event expires while the demo runs."""
SETTLED_MS = 2 * MINUTE_MS
"""The history ends before the newest moment that is read, so that all of it is read in one round."""


def demo_spec(seed: int, size: int, now_ms: int) -> WorldSpec:
    """A year of a site that ends just now."""
    return WorldSpec(seed=seed, size=size, now_ms=now_ms - SETTLED_MS, span_days=SPAN_DAYS, site=SITE)


def demo_faults() -> FaultPlan:
    """What a real site does on an ordinary day: limits, counts that are wrong, events of one millisecond."""
    return FaultPlan(throttle=0.02, server_error=0.01, lying_total=True, lying_size=True, twin_rate=0.01)


def demo_settings(
    folder: Path, engine: EngineSettings, opensearch_url: str, simulator: Simulator
) -> Settings:
    """Settings for the demo alone; neither the environment nor a ``.env`` of the user takes part.

    ``engine`` names the folder where OpenSearch is installed.
    """
    credentials = simulator.credentials
    return Settings.model_construct(
        data_dir=folder,
        sites={
            SITE: SiteSettings(
                url=simulator.url,
                email=credentials.email,
                api_token=SecretStr(credentials.classic_token),
                requests_per_second=50,
            )
        },
        opensearch=OpenSearchSettings(url=opensearch_url),
        engine=engine,
        service=ServiceSettings(listen_port=0, interval_s=30, retry_first_wait_s=0.2),
    )


def env_file_text(settings: Settings) -> str:
    """The demo's settings as a ``.env`` file, with which every other command works against it."""
    site = settings.sites[SITE]
    prefix = f"{PREFIX}SITES{DELIMITER}{SITE.upper()}{DELIMITER}"
    values = {
        f"{PREFIX}DATA_DIR": settings.data_dir.resolve(),
        f"{PREFIX}ENGINE{DELIMITER}CACHE_DIR": settings.engine_cache_dir.resolve(),
        f"{prefix}URL": site.url,
        f"{prefix}EMAIL": site.email,
        f"{prefix}API_TOKEN": site.api_token.get_secret_value(),
        f"{prefix}REQUESTS_PER_SECOND": site.requests_per_second,
        f"{PREFIX}OPENSEARCH{DELIMITER}URL": settings.opensearch.url,
        f"{PREFIX}SERVICE{DELIMITER}LISTEN_PORT": settings.service.listen_port,
        f"{PREFIX}SERVICE{DELIMITER}INTERVAL_S": settings.service.interval_s,
        f"{PREFIX}SERVICE{DELIMITER}RETRY_FIRST_WAIT_S": settings.service.retry_first_wait_s,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())
