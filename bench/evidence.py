"""``python -m bench.evidence``: exports and verifies many events by the real commands, and measures both."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.errors import CheckFailedError
from atlaslens_forwarder.model.time import iso_ms
from atlaslens_forwarder.provision.apply import apply_plan
from atlaslens_forwarder.provision.plan import SetupOptions
from atlaslens_forwarder.provision.survey import make_plan
from atlaslens_forwarder.storage.client import OpenSearchConfig, open_client
from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.names import Family, month_index
from atlaslens_forwarder.storage.plugins import read_plugins
from bench.figures import write_into
from bench.rig import now_ms

if TYPE_CHECKING:
    from collections.abc import Sequence

    from opensearchpy import AsyncOpenSearch

    from atlaslens_forwarder.model.json import JsonObject

REPOSITORY: Final = Path(__file__).resolve().parent.parent
PAGE: Final = REPOSITORY / "docs" / "performance.md"
BEGIN: Final = "<!-- evidence: begin, written by python -m bench.evidence -->"
END: Final = "<!-- evidence: end -->"
HEAP_MB: Final = 1024
EVENTS_PER_REQUEST: Final = 5_000
APART_MS: Final = 500
_CHILD: Final = """
import atexit, sys
from pathlib import Path
from atlaslens_forwarder.cli import main
place = Path(sys.argv.pop(1))
atexit.register(lambda: place.write_text(Path("/proc/self/status").read_text()))
main()
"""
"""The program; at its end it leaves its status, since ``getrusage`` counts our own memory as its peak too."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One command: wall time, processor time of its process, and its peak of resident memory."""

    wall_s: float
    cpu_s: float
    peak_mib: float


def event(number: int, at_ms: int) -> JsonObject:
    """An event as the product stores them, some 1.5 KB."""
    person, group = f"5b10a2844c20165700ede{number % 997:03d}", f"team-{number % 89}"
    name = f"Zoë Ærø {number % 997}"
    return {
        "@timestamp": iso_ms(at_ms),
        "message": f"{name} added Anna Example to {group}",
        "event": {
            "id": f"jira:audit:11111111-2222-4333-8444-555555555555:{number:09d}",
            "action": "user_added_to_group",
            "category": ["iam"],
            "type": ["group", "change"],
            "dataset": "atlassian.jira_audit",
            "hash": f"k1:{number:064x}",
            "ingested": iso_ms(at_ms + 60_000),
            "original": json.dumps({"id": number, "summary": "User added to group", "objectItem": group}) * 5,
        },
        "user": {"id": person, "full_name": name, "target": {"id": "5b10ac8d82e05b22cc7d4ef5"}},
        "group": {"id": f"276f955c-63d7-42c8-9520-{number % 89:012d}", "name": group},
        "source": {"ip": f"192.0.2.{number % 250}"},
        "atlassian": {
            "product": "jira",
            "pipeline": "audit",
            "site": "acme",
            "permission_change": True,
            "sensitivity": "high",
            "change_summary": [f"member: none → {person}"],
            "object": {"type": "group", "id": group, "name": group},
        },
    }


async def fill(client: AsyncOpenSearch, count: int, start_ms: int) -> None:
    """Set the store up and put ``count`` events into it, ``APART_MS`` apart.

    Raises:
        CheckFailedError: one was refused.
    """
    await apply_plan(client, await make_plan(client, SetupOptions(now_ms=now_ms())))
    months = MonthKeeper(client, plugins=await read_plugins(client), accept_mutable=False)
    for first in range(0, count, EVENTS_PER_REQUEST):
        made = [
            (number, start_ms + number * APART_MS)
            for number in range(first, min(count, first + EVENTS_PER_REQUEST))
        ]
        names = [month_index(Family.AUDIT, at_ms) for _, at_ms in made]
        await months.ensure_months(sorted(set(names)))
        lines: list[bytes] = []
        for (number, at_ms), name in zip(made, names, strict=True):
            lines += [
                orjson.dumps({"create": {"_index": name, "_id": str(number)}}),
                orjson.dumps(event(number, at_ms)),
            ]
        answer = await client.bulk(body=b"\n".join(lines) + b"\n", params={"filter_path": "errors"})
        if answer["errors"]:
            raise CheckFailedError("the store refused an event")


def measured(arguments: Sequence[str], environment: dict[str, str], folder: Path) -> Measured:
    """Run a command of the product in a process of its own.

    Raises:
        CheckFailedError: it failed.
    """
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("ATLASLENS_")}
    status = folder / "status"
    command = [sys.executable, "-c", _CHILD, str(status), *arguments]
    before, begun_s = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, env={**inherited, **environment}, stdout=subprocess.DEVNULL, check=False)
    wall_s, after = time.monotonic() - begun_s, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise CheckFailedError(f"{arguments[0]} failed")
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    peak = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8"))
    return Measured(wall_s, cpu_s, int(peak[1]) / 1024 if peak else 0.0)


def markdown(count: int, size_mib: float, figures: dict[str, Measured]) -> str:
    """The block of figures."""
    load = os.getloadavg()[0]
    date = datetime.now(UTC).strftime("%Y-%m-%d")
    rows = [
        f"| {name} | {one.wall_s:,.0f} s | {one.cpu_s:,.0f} s | {count / one.wall_s:,.0f} | "
        f"{one.peak_mib:,.0f} MiB |"
        for name, one in figures.items()
    ]
    head = (
        f"Measured {date}: {count:,} events, {size_mib:,.0f} MiB as zip with CSV report; "
        f"{os.cpu_count()} cores shared with the embedded OpenSearch, load average {load:.1f} at the end."
    )
    table = [
        "| Command | Wall time | Processor time | Events per second | Peak memory |",
        "| --- | --- | --- | --- | --- |",
    ]
    return "\n".join([head, "", *table, *rows])


async def _main(arguments: argparse.Namespace) -> None:
    start_ms = now_ms() - arguments.events * APART_MS - 86_400_000
    with tempfile.TemporaryDirectory(prefix="atlaslens-bench-") as name:
        folder = Path(name)
        async with EmbeddedOpenSearch.open(
            data_dir=folder / "engine",
            cache_dir=REPOSITORY / ".atlaslens" / "engine",
            heap_mb=HEAP_MB,
            progress=_say,
        ) as node:
            client = open_client(OpenSearchConfig(url=node.url))
            try:
                await fill(client, arguments.events, start_ms)
            finally:
                await client.close()
            _say(f"{arguments.events:,} events are in the store")
            environment = {"ATLASLENS_OPENSEARCH__URL": node.url, "ATLASLENS_DATA_DIR": str(folder / "data")}
            bounds = ["--from", iso_ms(start_ms), "--to", iso_ms(now_ms())]
            zipped = folder / "b.zip"
            commands: dict[str, list[Any]] = {
                "export": ["export", *bounds, "-o", str(zipped)],
                "verify": ["verify", str(zipped)],
                "verify --store": ["verify", str(zipped), "--store"],
                "verify --row": ["verify", str(zipped), "--row", str(arguments.events // 2)],
            }
            figures = {}
            for label, command in commands.items():
                figures[label] = await asyncio.to_thread(measured, command, environment, folder)
                _say(f"{label}: {figures[label]}")
            block = markdown(arguments.events, zipped.stat().st_size / 2**20, figures)
    print(block)  # noqa: T201  the result of this program
    if not arguments.dry_run:
        write_into(PAGE, block, BEGIN, END)


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  progress


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench.evidence", description=__doc__)
    parser.add_argument("--events", type=int, default=1_000_000, help="how many (default 1,000,000)")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    asyncio.run(_main(parser.parse_args()))


if __name__ == "__main__":
    main()
