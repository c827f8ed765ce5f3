"""Why a node did not start, in one line, read from what it printed."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from pathlib import Path

_TAIL_BYTES = 64_000
_LONGEST = 300
_KILLED = 128 + 9

# What was printed → what to tell and to do. The first that is found wins.
_KNOWN: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (
        re.compile(r"cannot (?:upgrade|downgrade) a node from version"),
        "its data was written by another version of OpenSearch",
        "choose another data folder, or use the version that wrote it",
    ),
    (
        re.compile(r"failed to obtain node lock|LockObtainFailedException"),
        "another OpenSearch uses the same data",
        "stop it, or choose another data folder",
    ),
    (
        re.compile(r"BindHttpException|BindTransportException|Address already in use"),
        "its port is taken",
        "choose another port, or 0 for any free one",
    ),
    (
        re.compile(r"OutOfMemoryError|reserve enough space|insufficient memory|Too small|heap size"),
        "its heap does not fit",
        "choose another heap size, or free some memory",
    ),
    (re.compile(r"No space left on device"), "the disk is full", "free some space"),
)
# The virtual machine says "Error …" or "Invalid …"; OpenSearch prints the exception and often its root cause.
_ROOT_CAUSE = re.compile(r"^Likely root cause: (.+)$", re.MULTILINE)
_REASON = re.compile(
    r"^((?:ERROR|Error): .+|(?:Invalid|Unrecognized) .+|[\w.$]+(?:Exception|Error)(?:\[|: ).+"
    r"|cannot start .+)$",
    re.MULTILINE,
)


def explain(console: Path, log: Path, *, exit_code: int | None) -> EngineError:
    """The error for a node that ended with ``exit_code``, or (None) did not answer in time.

    Only the console output is searched for the reason: it is of this start, while the log also tells of
    earlier ones.
    """
    text = _tail(console)
    where = f"see {log if log.exists() else console}"
    if exit_code is None:
        return EngineError("the embedded OpenSearch did not answer in time", hint=where)
    what = "the embedded OpenSearch ended while starting"
    for pattern, reason, hint in _KNOWN:
        if pattern.search(text):
            return EngineError(f"{what}: {reason}", hint=f"{hint}; {where}")
    found = _ROOT_CAUSE.search(text) or _REASON.search(text)
    if found is not None:
        return EngineError(f"{what}: {found.group(1).strip()[:_LONGEST]}", hint=where)
    if exit_code == _KILLED:
        return EngineError(f"{what}: it was killed", hint=f"the machine may be short of memory; {where}")
    return EngineError(f"{what} with exit code {exit_code}", hint=where)


def _tail(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - _TAIL_BYTES))
            return file.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
