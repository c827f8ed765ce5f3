"""What the user is told when a node does not start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine.failure import explain

if TYPE_CHECKING:
    from pathlib import Path

DOWNGRADE = (
    "uncaught exception in thread [main]\n"
    "java.lang.IllegalStateException: cannot downgrade a node from version [3.5.0] to version [3.4.0]\n"
    "\tat org.opensearch.env.NodeMetadata.upgradeToCurrentVersion(NodeMetadata.java:113)\n"
)
UNKNOWN = (
    "WARNING: A terminally deprecated method in sun.misc.Unsafe has been called\n"
    "uncaught exception in thread [main]\n"
    "java.lang.IllegalArgumentException: unknown setting [nonsense]\n"
    "\tat org.opensearch.common.settings.AbstractScopedSettings.validate(X.java:1)\n"
)


@pytest.mark.parametrize(
    ("printed", "told"),
    [
        (DOWNGRADE, "written by another version"),
        ("BindHttpException[Failed to bind to 127.0.0.1:9200]; nested: BindException\n", "port is taken"),
        ("Error: Could not reserve enough space for 9 object heap\n", "heap does not fit"),
        ("java.io.IOException: No space left on device\n", "disk is full"),
        (UNKNOWN, "unknown setting [nonsense]"),
        ("Error: Could not create the Java Virtual Machine.\n", "Could not create"),
        ("ERROR: Temporary file directory [/x] does not exist\n", "Temporary file directory"),
        ("cannot start /x/java: [Errno 2] No such file or directory\n", "cannot start /x/java"),
        ("nothing of note\n", "exit code 1"),
    ],
)
def test_the_reason_is_one_line_that_names_the_log(tmp_path: Path, printed: str, told: str) -> None:
    console, log = tmp_path / "console.log", tmp_path / "atlaslens.log"
    console.write_text(printed)
    log.write_text("")
    line = explain(console, log, exit_code=1).one_line()
    assert told in line
    assert str(log) in line
    assert "\tat" not in line


def test_a_kill_is_told_as_such(tmp_path: Path) -> None:
    assert "short of memory" in explain(tmp_path / "none", tmp_path / "log", exit_code=137).one_line()


def test_a_silent_node_is_told_as_such(tmp_path: Path) -> None:
    console = tmp_path / "console.log"
    console.write_text("")
    error = explain(console, tmp_path / "absent.log", exit_code=None)
    assert "did not answer in time" in error.message
    assert str(console) in error.hint
