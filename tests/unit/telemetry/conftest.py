"""Logging set up as the program does it, and put back afterwards."""

from __future__ import annotations

import io
import json
import logging
from typing import TYPE_CHECKING, Any

import pytest
import structlog

from atlaslens_forwarder.telemetry.logs import configure_logs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

SECRETS = ("ATATT-s3cret/+=x", 'pass"word\\1', "reader@corp.example")
NOISY = ("httpx", "httpcore", "opensearchpy", "opensearch", "asyncio", "aiohttp", "urllib3")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Logs:
    """What was written."""

    def __init__(self, stream: io.StringIO) -> None:
        self.stream = stream

    @property
    def text(self) -> str:
        return self.stream.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def logs() -> Iterator[Callable[..., Logs]]:
    """Sets up logging to a stream; by default JSON of all levels."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    levels = {name: logging.getLogger(name).level for name in NOISY}

    def set_up(level: str = "debug", log_format: str = "json", stream: io.StringIO | None = None) -> Logs:
        found = Logs(stream or io.StringIO())
        configure_logs(level, log_format, SECRETS, found.stream)
        return found

    yield set_up
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)
    structlog.reset_defaults()
