"""The demo's two sites and the settings with which they are read."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from pydantic import SecretStr

from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.settings import (
    DELIMITER,
    PREFIX,
    BitbucketSettings,
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
FREE_SITE = "globex"
"""A second site, whose products are all on a Free plan: its audit logs cannot be read."""
SPAN_DAYS = 364
"""A day less than the retention, so that no event expires while the demo runs."""
SETTLED_MS = 2 * MINUTE_MS
"""The history ends before the newest moment that is read, so that all of it is read in one round."""
_AUDIT_SHARE = 0.6
_EVENTS_OF_AN_ISSUE = 5
_EVENTS_OF_A_PAGE = 4
_EVENTS_OF_A_REPOSITORY = 50
_FEWEST_REPOSITORIES = 4
"""Among four there are a second workspace, a commit from the future and a branch that was rewritten."""


def demo_spec(seed: int, size: int, now_ms: int) -> WorldSpec:
    """A year of a site that ends just now, with about ``size`` events in all four products."""
    return WorldSpec(
        seed=seed,
        size=round(size * _AUDIT_SHARE),
        now_ms=now_ms - SETTLED_MS,
        span_days=SPAN_DAYS,
        site=SITE,
        issues=2 + round(0.15 * size / _EVENTS_OF_AN_ISSUE),
        pages=2 + round(0.15 * size / _EVENTS_OF_A_PAGE),
        repositories=max(_FEWEST_REPOSITORIES, round(0.1 * size / _EVENTS_OF_A_REPOSITORY)),
    )


def free_spec(seed: int, now_ms: int) -> WorldSpec:
    """A year of a small site on a Free plan."""
    return WorldSpec(
        seed=seed + 1,
        size=50,
        now_ms=now_ms - SETTLED_MS,
        span_days=SPAN_DAYS,
        site=FREE_SITE,
        issues=6,
        pages=5,
    )


def demo_faults() -> FaultPlan:
    """What a real site does on an ordinary day: limits, counts that are wrong, events of one millisecond.

    Two records have an unreadable time or a wrong type.
    """
    return FaultPlan(
        throttle=0.01,
        server_error=0.01,
        lying_total=True,
        lying_size=True,
        twin_rate=0.01,
        poisoned_rows=1,
        bucket_size=1000,
        bitbucket_requests_per_h=100_000,
    )


def free_faults() -> FaultPlan:
    """What a site on a Free plan answers."""
    return FaultPlan(free_plan=("jira", "confluence"), bucket_size=1000)


def demo_settings(
    folder: Path, engine: EngineSettings, opensearch_url: str, simulator: Simulator, free: Simulator
) -> Settings:
    """Settings for the demo alone; neither the environment nor a ``.env`` of the user takes part.

    ``engine`` names the folder where OpenSearch is installed, ``free`` is the site on a Free plan.
    """
    credentials = simulator.credentials
    bitbucket = BitbucketSettings(
        workspaces=(SITE, f"{SITE}-labs"),
        email=credentials.email,
        api_token=SecretStr(credentials.bitbucket_token),
        url=simulator.url,
        requests_per_hour=100_000,
    )
    return Settings.model_construct(
        data_dir=folder,
        sites={
            SITE: _site(simulator).model_copy(update={"bitbucket": bitbucket}),
            FREE_SITE: _site(free),
        },
        opensearch=OpenSearchSettings(url=opensearch_url),
        engine=engine,
        service=ServiceSettings(listen_port=0, interval_s=30, retry_first_wait_s=0.2),
    )


def _site(simulator: Simulator) -> SiteSettings:
    credentials = simulator.credentials
    return SiteSettings(
        url=simulator.url,
        email=credentials.email,
        api_token=SecretStr(credentials.classic_token),
        requests_per_second=200,
    )


def env_file_text(settings: Settings) -> str:
    """The demo's settings as a ``.env`` file, with which every other command works against it."""
    service = settings.service
    values: dict[str, object] = {
        "DATA_DIR": settings.data_dir.resolve(),
        f"ENGINE{DELIMITER}CACHE_DIR": settings.engine_cache_dir.resolve(),
        f"OPENSEARCH{DELIMITER}URL": settings.opensearch.url,
        f"SERVICE{DELIMITER}LISTEN_PORT": service.listen_port,
        f"SERVICE{DELIMITER}INTERVAL_S": service.interval_s,
        f"SERVICE{DELIMITER}RETRY_FIRST_WAIT_S": service.retry_first_wait_s,
    }
    for name, site in settings.sites.items():
        values |= _site_values(DELIMITER.join(("SITES", name.upper(), "")), site)
    return "".join(f"{PREFIX}{name}={value}\n" for name, value in values.items())


def _site_values(prefix: str, site: SiteSettings) -> dict[str, object]:
    values: dict[str, object] = {
        f"{prefix}URL": site.url,
        f"{prefix}EMAIL": site.email,
        f"{prefix}API_TOKEN": site.api_token.get_secret_value(),
        f"{prefix}REQUESTS_PER_SECOND": site.requests_per_second,
    }
    if site.bitbucket.workspaces:
        prefix += f"BITBUCKET{DELIMITER}"
        values |= {
            f"{prefix}URL": site.bitbucket.url,
            f"{prefix}EMAIL": site.bitbucket.email,
            f"{prefix}API_TOKEN": site.bitbucket.api_token.get_secret_value(),
            f"{prefix}WORKSPACES": json.dumps(site.bitbucket.workspaces),
            f"{prefix}REQUESTS_PER_HOUR": site.bitbucket.requests_per_hour,
        }
    return values
