"""The small process between us and the virtual machine: it ends the machine when we are gone.

Run as ``python -m atlaslens_forwarder.engine.watchdog``, with a ``Launch`` as JSON in its only argument and
a pipe to its starter as standard input. The pipe closes when the starter stops the node, ends, or is
killed (even by SIGKILL, which no handler sees); then the machine gets SIGTERM and, after ``grace_s``,
SIGKILL. A signal to the starter's terminal does not reach this process: it has its own session.

It is also what gives up root: it stays in control while the machine runs as an ordinary account.
It ends with the machine's exit code, negated signal numbers as 128 + n.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from atlaslens_forwarder.engine.privileges import Account, become

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIPE_FD = 0
_SIGNAL_BASE = 128


@dataclass(frozen=True, slots=True)
class Launch:
    """What to start: the command, its environment, its console file, and the account to run it as."""

    command: Sequence[str]
    environment: dict[str, str]
    console: str
    grace_s: float
    account: Account | None

    def to_json(self) -> str:
        """The form in which it travels on the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Launch:
        """The reverse of ``to_json``."""
        fields = json.loads(text)
        account = fields.pop("account")
        return cls(**fields, account=Account(**account) if account else None)


def start(launch: Launch) -> subprocess.Popen[bytes]:
    """Start the command with its output in the console file.

    Raises:
        OSError: the program or the file cannot be opened.
    """
    account = launch.account
    parent = os.getpid()
    with open(launch.console, "ab") as console:  # noqa: PTH123  a plain path from JSON
        return subprocess.Popen(
            launch.command,
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            cwd="/",
            env=launch.environment,
            # Safe here: this process has one thread.
            preexec_fn=lambda: become(account, parent_pid=parent),  # noqa: PLW1509
        )


def watch(child: subprocess.Popen[bytes], *, pipe_fd: int, grace_s: float) -> int:
    """Wait for the child to end, or for the pipe to close and then end the child; its exit code."""
    wake_read, wake_write = os.pipe()
    os.set_blocking(wake_write, False)
    signal.set_wakeup_fd(wake_write)
    # A handler must exist for the wake-up byte to be written. SIGTERM to the watchdog means: stop the node.
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with selectors.DefaultSelector() as selector:
        selector.register(pipe_fd, selectors.EVENT_READ, "pipe")
        selector.register(wake_read, selectors.EVENT_READ, "signal")
        while child.poll() is None:
            # The pipe only ever becomes readable by closing; nobody writes to it.
            ready = {key.data for key, _ in selector.select()}
            if "pipe" in ready or ("signal" in ready and signal.SIGTERM in os.read(wake_read, 64)):
                return _end(child, grace_s)
    return child.returncode


def _end(child: subprocess.Popen[bytes], grace_s: float) -> int:
    with suppress(ProcessLookupError):
        child.terminate()
    try:
        return child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def main(arguments: Sequence[str]) -> int:
    """Start what the argument says and stay until it ends."""
    launch = Launch.from_json(arguments[0])
    try:
        child = start(launch)
    except (OSError, subprocess.SubprocessError) as error:
        with open(launch.console, "a", encoding="utf-8") as console:  # noqa: PTH123
            console.write(f"cannot start {launch.command[0]}: {error}\n")
        return 1
    code = watch(child, pipe_fd=_PIPE_FD, grace_s=launch.grace_s)
    return code if code >= 0 else _SIGNAL_BASE - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
