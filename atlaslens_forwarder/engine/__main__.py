"""``python -m atlaslens_forwarder.engine``: a node in the foreground, until it is interrupted."""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path

from atlaslens_forwarder.engine.node import EmbeddedOpenSearch
from atlaslens_forwarder.engine.secured import NodeSecurity
from atlaslens_forwarder.errors import EXIT_OK, AtlaslensError

REST_ROLES = ("atlaslens-admin",)
"""The role of docs/security.md that manages accounts; a node must name it in its configuration."""


async def _run(options: argparse.Namespace) -> None:
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    security = None
    if options.secured:
        security = NodeSecurity.make(
            options.data_dir / "security", rest_roles=REST_ROLES, clients=options.client
        )
    opening = EmbeddedOpenSearch.open(
        data_dir=options.data_dir,
        cache_dir=options.cache_dir,
        heap_mb=options.heap_mb,
        http_port=options.port,
        quick_start=options.quick_start,
        security=security,
        progress=lambda line: print(line, file=sys.stderr, flush=True),  # noqa: T201  a console program
    )
    async with opening as node:
        print(node.url, flush=True)  # noqa: T201
        if security:
            print(f"certificates: {security.folder}", file=sys.stderr, flush=True)  # noqa: T201
        await stopping.wait()


def main() -> int:
    """Parse the options, run the node, and tell a failure in one line."""
    parser = argparse.ArgumentParser(prog="python -m atlaslens_forwarder.engine", description=__doc__)
    parser.add_argument("--data-dir", type=Path, required=True, help="folder of the node, kept between runs")
    default_cache = os.environ.get("ATLASLENS_ENGINE_CACHE", ".atlaslens/engine")
    parser.add_argument(
        "--cache-dir", type=Path, default=Path(default_cache), help="folder of the installed engine"
    )
    parser.add_argument("--heap-mb", type=int, default=512, help="Java heap in MB")
    parser.add_argument("--port", type=int, default=0, help="HTTP port; 0 takes a free one")
    parser.add_argument(
        "--quick-start", action="store_true", help="start with less effort, serve more slowly"
    )
    parser.add_argument(
        "--secured", action="store_true", help="with TLS and the security plugin, and no account at first"
    )
    parser.add_argument(
        "--client",
        action="append",
        default=[],
        help="with --secured: make a client certificate of this name; may be repeated",
    )
    try:
        asyncio.run(_run(parser.parse_args()))
    except AtlaslensError as error:
        print(error.one_line(), file=sys.stderr)  # noqa: T201
        return error.exit_code
    return EXIT_OK


if __name__ == "__main__":
    sys.exit(main())
