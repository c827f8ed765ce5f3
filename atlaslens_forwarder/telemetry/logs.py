"""Configures logging: one line per event on stderr, JSON with ECS keys or for a console."""

from __future__ import annotations

import logging
import sys
from typing import TYPE_CHECKING, Any

import stamina.instrumentation
import structlog

from atlaslens_forwarder import __version__
from atlaslens_forwarder.telemetry.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable, MutableMapping
    from typing import TextIO

ECS_VERSION = "9.3.0"


def configure_logs(level: str, log_format: str, secrets: Iterable[str], stream: TextIO | None = None) -> None:
    """Set up structlog and the standard library's loggers for the whole process.

    Args:
        level: least level: debug, info, warning or error.
        log_format: ``json``, ``console`` or ``auto`` (console when the stream is a terminal).
        secrets: texts that must never appear.
        stream: where to write, stderr by default; stdout belongs to results.
    """
    stream = stream or sys.stderr
    as_json = log_format == "json" or (log_format == "auto" and not stream.isatty())
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    # Plain tracebacks: the renderers that show locals show tokens (github.com/hynek/structlog/issues/715).
    traceback = structlog.processors.format_exc_info
    redact = Redactor(secrets)
    final: list[Any] = (
        [traceback, _ecs_keys, redact, structlog.processors.JSONRenderer(ensure_ascii=False)]
        if as_json
        else [
            traceback,
            redact,
            structlog.dev.ConsoleRenderer(
                colors=stream.isatty(), exception_formatter=structlog.dev.plain_traceback
            ),
        ]
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *final],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for noisy in ("httpx", "httpcore", "opensearchpy", "opensearch", "asyncio", "aiohttp", "urllib3"):
        logging.getLogger(noisy).setLevel(logging.WARNING)  # they log addresses and bodies below that
    stamina.instrumentation.set_on_retry_hooks([])  # its own hook logs call arguments; we log waits ourselves


def _ecs_keys(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Rename structlog's keys to those of ECS."""
    line: dict[str, Any] = {
        "@timestamp": event.pop("timestamp", None),
        "log.level": event.pop("level", None),
        "message": event.pop("event", ""),
        "ecs.version": ECS_VERSION,
        "service.name": "atlaslens-forwarder",
        "service.version": __version__,
    }
    if "exception" in event:
        line["error.stack_trace"] = event.pop("exception")
    line.update(event)
    return line
