"""``simulate``: a server that behaves as an Atlassian Cloud site does."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from pathlib import Path

import click

from atlaslens_forwarder.cli.session import asynchronous, now_ms, print_json, say
from atlaslens_forwarder.simulator.faults import FaultPlan
from atlaslens_forwarder.simulator.server import Simulator
from atlaslens_forwarder.simulator.world.spec import WorldSpec


@click.command()
@click.option("--seed", default=1, show_default=True, help="Same seed, same world.")
@click.option(
    "--size", type=click.IntRange(0), default=4000, show_default=True, help="Audit records over a year."
)
@click.option("--issues", type=click.IntRange(0), default=100, show_default=True, help="Jira issues.")
@click.option("--pages", type=click.IntRange(0), default=80, show_default=True, help="Confluence pages.")
@click.option(
    "--repositories", type=click.IntRange(0), default=5, show_default=True, help="Bitbucket repositories."
)
@click.option(
    "--organisation-events", type=click.IntRange(0), default=0, show_default=True, help="Events of Guard."
)
@click.option(
    "--port", type=click.IntRange(0, 65_535), default=0, help="Port on 127.0.0.1; 0 picks a free one."
)
@click.option("--site", default="acme", show_default=True, help="Name of the site.")
@click.option(
    "--faults", type=click.Path(path_type=Path), help="Fault plan (TOML or JSON), see docs/simulator.md."
)
@click.option("--json", "as_json", is_flag=True, help="Print address and credentials as one JSON object.")
@asynchronous
async def simulate(
    *,
    seed: int,
    size: int,
    port: int,
    site: str,
    faults: Path | None,
    issues: int,
    pages: int,
    repositories: int,
    organisation_events: int,
    as_json: bool,
) -> None:
    """Serve a made-up Atlassian site on this machine until interrupted.

    Prints the address and the settings to read it with. It listens on 127.0.0.1 only.
    """
    plan = FaultPlan.load(faults) if faults else FaultPlan()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    spec = WorldSpec(
        seed=seed,
        size=size,
        now_ms=now_ms(),
        site=site,
        issues=issues,
        pages=pages,
        repositories=repositories,
        organisation_events=organisation_events,
    )
    async with Simulator(spec, faults=plan, port=port) as server:
        found = server.credentials
        if as_json:
            print_json(
                {
                    "url": server.url,
                    "cloud_id": server.cloud_id,
                    "email": found.email,
                    "classic_token": found.classic_token,
                    "scoped_token": found.scoped_token,
                    "bearer_token": found.bearer_token,
                    "bitbucket_token": found.bitbucket_token,
                    "bitbucket_access_token": found.bitbucket_access_token,
                }
            )
        else:
            prefix = f"ATLASLENS_SITES__{site.upper()}__"
            click.echo(f"{prefix}URL={server.url}")
            click.echo(f"{prefix}EMAIL={found.email}")
            click.echo(f"{prefix}API_TOKEN={found.classic_token}")
            click.echo(f"{prefix}BITBUCKET__URL={server.url}")
            click.echo(f"{prefix}BITBUCKET__EMAIL={found.email}")
            click.echo(f"{prefix}BITBUCKET__API_TOKEN={found.bitbucket_token}")
            click.echo(f"{prefix}BITBUCKET__WORKSPACES={json.dumps([site, f'{site}-labs'])}")
        say("serving until interrupted")
        await stop.wait()
