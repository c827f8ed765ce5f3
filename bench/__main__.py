"""``python -m bench``: measures on the embedded OpenSearch and writes the figures into the docs.

``ingest`` (the default) measures what the forwarder costs, ``sizing`` what its documents take on disk.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path

from atlaslens_forwarder.cli.collector import collect_rarely
from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.engine.spec import OPENSEARCH_VERSION
from atlaslens_forwarder.errors import AtlaslensError
from atlaslens_forwarder.telemetry.logs import configure_logs
from bench import sizing
from bench.figures import Figures, markdown, write_into
from bench.footprint import measure as measure_footprint
from bench.recording import ROWS_PER_PAGE, record
from bench.rig import Rig
from bench.stages import profile

REPOSITORY = Path(__file__).resolve().parent.parent
PAGE = REPOSITORY / "docs" / "performance.md"
OPERATIONS = REPOSITORY / "docs" / "operations.md"
SIZES = REPOSITORY / "bench" / "sizing.json"
HEAP_MB = 1024
STAGE_ROUNDS = 5
WARM_UP_RUNS = 2
"""Runs of each side before the first that counts: the engine's compiler needs them."""


async def measure(
    url: str, *, pages: int, pairs: int, warm_up: int = WARM_UP_RUNS, stage_rounds: int = STAGE_ROUNDS
) -> Figures:
    """Record, warm up, then run both sides in turn.

    Args:
        url: a plain OpenSearch node that may be filled and emptied at will.
        pages: full pages to record.
        pairs: how often each side is run and counted.
        warm_up: how often each is run before.
        stage_rounds: how often each step is run by itself.
    """
    load_before = os.getloadavg()[0]
    recording = await record(pages * ROWS_PER_PAGE)
    stages = await asyncio.to_thread(profile, recording, stage_rounds)
    rig = await Rig.open(url, recording)
    try:
        runs = []
        for number in range(-warm_up, pairs):
            # In turn, and each side first every other time: neither profits from what the other left behind.
            ours_first = number % 2 == 0
            first = await (rig.forwarder() if ours_first else rig.bare())
            second = await (rig.bare() if ours_first else rig.forwarder())
            pair = (first, second) if ours_first else (second, first)
            rates = [f"{run.events_per_s:,.0f} events/s" for run in pair]
            _say(f"forwarder {rates[0]}, bare bulk {rates[1]}{' (warm-up)' if number < 0 else ''}")
            if number >= 0:
                runs.append(pair)
        return Figures(
            date=datetime.now(UTC).strftime("%Y-%m-%d"),
            pages=len(recording.pages),
            page_bytes=recording.size_bytes,
            body_bytes=rig.body_bytes,
            pairs=runs,
            stages=stages,
            load_before=load_before,
            load_after=os.getloadavg()[0],
            engine=f"embedded OpenSearch {OPENSEARCH_VERSION}",
        )
    finally:
        await rig.close()


async def _ingest(arguments: argparse.Namespace, folder: Path, url: str) -> None:
    del folder
    block = markdown(await measure(url, pages=arguments.pages, pairs=arguments.pairs))
    print(block)  # noqa: T201  the result of this program
    if not arguments.dry_run:
        write_into(PAGE, block)
        _say(f"written to {PAGE.relative_to(REPOSITORY)}")


async def _sizing(arguments: argparse.Namespace, folder: Path, url: str) -> None:
    footprint = await measure_footprint(url, folder, size=arguments.events, rounds=arguments.rounds)
    block = sizing.markdown(footprint)
    print(block)  # noqa: T201  the result of this program
    if not arguments.dry_run:
        footprint.write(SIZES)
        write_into(OPERATIONS, block, sizing.BEGIN, sizing.END)
        _say(f"written to {OPERATIONS.relative_to(REPOSITORY)} and {SIZES.relative_to(REPOSITORY)}")


async def _main(arguments: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory(prefix="atlaslens-bench-") as folder:
        async with EmbeddedOpenSearch.open(
            data_dir=Path(folder) / "opensearch",
            cache_dir=REPOSITORY / ".atlaslens" / "engine",
            heap_mb=HEAP_MB,
            progress=_say,
        ) as node:
            measuring = {"ingest": _ingest, "sizing": _sizing}[arguments.what]
            await measuring(arguments, Path(folder) / "data", node.url)


def _say(line: str) -> None:
    print(line, file=sys.stderr)  # noqa: T201  progress


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument(
        "--pages", type=int, default=50, help="full pages of 1,000 rows to record (default 50)"
    )
    parser.add_argument("--pairs", type=int, default=5, help="counted runs of each side (default 5)")
    parser.add_argument(
        "what", nargs="?", choices=("ingest", "sizing"), default="ingest", help="default: ingest"
    )
    parser.add_argument("--events", type=int, default=20_000, help="sizing: audit events (default 20,000)")
    parser.add_argument("--rounds", type=int, default=24, help="sizing: rounds after the first (default 24)")
    parser.add_argument("--dry-run", action="store_true", help="print the figures, write nothing")
    collect_rarely()  # as the program does
    configure_logs("error", "console", ())
    try:
        asyncio.run(_main(parser.parse_args()))
    except AtlaslensError as error:
        _say(f"error: {error.one_line()}")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
