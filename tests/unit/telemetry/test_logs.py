"""Log lines: one per event, ECS keys or console, and never a secret, an address or a local variable."""

from __future__ import annotations

import io
import logging
import re

import pytest
import structlog

from atlaslens_forwarder import __version__
from tests.unit.telemetry.conftest import NOISY, Terminal

LEAKS = [
    "token ATATT-s3cret/+=x used",
    "quoted ATATT-s3cret%2F%2B%3Dx used",
    'answer {"password": "pass\\"word\\\\1"}',
    "Authorization: Basic cmVhZGVyOnMzY3JldA==",
    "authorization=Bearer s3cret.s3cret-s3cret",
    "GET https://user:s3cret@acme.example/x",
    "GET https://user:s3@cret@acme.example/x",
    "GET https://acme.example/?q=ada%40corp.example",
    "mail from ada.lovelace@corp.example",
    "reader@corp.example",
]
WOULD_LEAK = re.compile(r"s3cret|s3@|cret@|corp\.example|word.{0,3}1|cmVhZGVy")


def fail(message: str) -> None:
    raise RuntimeError(message)


def test_a_line_has_the_keys_of_ecs(logs):
    found = logs()

    structlog.get_logger("atlaslens").warning("round failed", connector="acme:jira-audit", rows=3)

    (line,) = found.lines
    assert line["message"] == "round failed"
    assert line["log.level"] == "warning"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line["@timestamp"])
    assert line["service.name"] == "atlaslens-forwarder"
    assert line["service.version"] == __version__
    assert line["ecs.version"]
    assert (line["connector"], line["rows"]) == ("acme:jira-audit", 3)
    assert not {"event", "level", "timestamp", "exception"} & line.keys()


def test_a_line_of_another_library_has_the_same_form(logs):
    found = logs()

    logging.getLogger("somebody").error("went %s", "wrong")

    (line,) = found.lines
    assert (line["message"], line["log.level"]) == ("went wrong", "error")
    assert "@timestamp" in line


@pytest.mark.parametrize("log_format", ["json", "console"])
@pytest.mark.parametrize("leak", LEAKS)
def test_nothing_confidential_is_written_whoever_logs_it(logs, log_format, leak):
    found = logs(log_format=log_format)

    structlog.get_logger("atlaslens").info(
        leak, reason=leak, nested={leak: [leak, (leak,)]}, error=ValueError(leak)
    )
    for name in ("httpx", "somebody"):
        logging.getLogger(name).warning("request: %s", leak)
    try:
        fail(leak)
    except RuntimeError as error:
        structlog.get_logger("atlaslens").error("x", exc_info=error)
        logging.getLogger("somebody").exception("failed")

    assert found.text.count("redacted") >= 8
    assert not WOULD_LEAK.findall(found.text)


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_tracebacks_show_no_local_variables(logs, log_format):
    found = logs(log_format=log_format)

    def fail_with_a_row() -> None:
        private = "content of a row"
        fail(str(len(private)))

    try:
        fail_with_a_row()
    except RuntimeError:
        structlog.get_logger("atlaslens").exception("x")

    assert "RuntimeError: 16" in found.text
    assert "in fail_with_a_row" in found.text
    assert "content of a row" not in found.text
    if log_format == "json":
        assert found.lines[0]["error.stack_trace"].startswith("Traceback")


def test_a_line_break_does_not_make_a_second_line(logs):
    found = logs()

    structlog.get_logger("atlaslens").info("a\nb", reason="c\r\nd")

    assert len(found.text.splitlines()) == len(found.lines) == 1


def test_the_console_is_for_people(logs):
    found = logs(log_format="console")

    structlog.get_logger("atlaslens").info("round done", rows=3)

    assert "round done" in found.text
    assert "rows=3" in found.text
    assert not found.text.startswith("{")
    assert "\x1b" not in found.text


@pytest.mark.parametrize(("stream", "as_json"), [(io.StringIO, True), (Terminal, False)])
def test_auto_is_json_unless_somebody_watches(logs, stream, as_json):
    found = logs(log_format="auto", stream=stream())

    structlog.get_logger("atlaslens").info("x")

    assert found.text.startswith("{") is as_json


def test_levels_below_the_wanted_one_are_silent(logs):
    found = logs(level="warning")

    structlog.get_logger("atlaslens").info("x")
    logging.getLogger("somebody").info("x")
    structlog.get_logger("atlaslens").warning("y")

    assert [line["message"] for line in found.lines] == ["y"]


@pytest.mark.parametrize("name", NOISY)
def test_libraries_that_log_addresses_and_bodies_are_silent_below_warning(logs, name):
    found = logs()

    logging.getLogger(name).info("GET https://acme.example/?token=x")

    assert found.text == ""
