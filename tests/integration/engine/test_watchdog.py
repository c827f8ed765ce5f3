"""The watchdog outlives its starter just long enough to end what it started. Any program will do here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from atlaslens_forwarder.engine.privileges import CAP_DAC_READ_SEARCH, NOBODY, Account
from atlaslens_forwarder.engine.watchdog import Launch

if TYPE_CHECKING:
    from collections.abc import Callable

WATCHDOG = [sys.executable, "-P", "-m", "atlaslens_forwarder.engine.watchdog"]
STUBBORN = ["sh", "-c", "trap '' TERM; echo pid $$; while :; do sleep 0.1; done"]
OBEDIENT = ["sh", "-c", "echo pid $$; exec sleep 600"]


def launch(
    console: Path, command: list[str], *, grace_s: float = 5.0, account: Account | None = None
) -> Launch:
    return Launch(
        command=command,
        environment={"PATH": os.defpath},
        console=str(console),
        grace_s=grace_s,
        account=account,
    )


def begin(what: Launch) -> subprocess.Popen[bytes]:
    return subprocess.Popen([*WATCHDOG, what.to_json()], stdin=subprocess.PIPE, start_new_session=True)


def until(condition: Callable[[], object], *, within_s: float = 10.0) -> bool:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return False


def pid_in(console: Path) -> int:
    assert until(lambda: console.exists() and console.read_text().endswith("\n"))
    return int(console.read_text().split()[1])


def is_gone(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return True
    return state == "Z"


def end(watchdog: subprocess.Popen[bytes]) -> int:
    assert watchdog.stdin is not None
    watchdog.stdin.close()
    return watchdog.wait(10)


def test_a_launch_travels_as_json(tmp_path: Path) -> None:
    one = launch(tmp_path / "c", ["a", "b"], account=Account(1, 2, 3))
    assert Launch.from_json(one.to_json()) == one


def test_a_closed_pipe_ends_the_program(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", OBEDIENT))
    pid = pid_in(tmp_path / "console")
    assert end(watchdog) == 128 + signal.SIGTERM
    assert is_gone(pid)


def test_a_program_that_does_not_listen_is_killed_after_the_grace_time(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", STUBBORN, grace_s=0.3))
    pid = pid_in(tmp_path / "console")
    assert end(watchdog) == 128 + signal.SIGKILL
    assert is_gone(pid)


def test_a_starter_killed_without_warning_takes_the_program_along(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys, time\n"
        "subprocess.Popen(sys.argv[1:], stdin=subprocess.PIPE, start_new_session=True)\n"
        "time.sleep(600)\n"
    )
    what = launch(tmp_path / "console", OBEDIENT)
    with subprocess.Popen([sys.executable, "-c", code, *WATCHDOG, what.to_json()]) as starter:
        pid = pid_in(tmp_path / "console")
        starter.kill()
    assert until(lambda: is_gone(pid))


@pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal")
def test_a_killed_watchdog_takes_the_program_along(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", STUBBORN))
    pid = pid_in(tmp_path / "console")
    watchdog.kill()
    end(watchdog)
    assert until(lambda: is_gone(pid))


def test_sigterm_to_the_watchdog_ends_the_program_in_order(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", OBEDIENT))
    pid = pid_in(tmp_path / "console")
    watchdog.terminate()
    assert watchdog.wait(10) == 128 + signal.SIGTERM
    assert is_gone(pid)
    end(watchdog)


def test_a_terminal_interrupt_does_not_reach_the_program(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", OBEDIENT))
    pid = pid_in(tmp_path / "console")
    assert os.getsid(watchdog.pid) != os.getsid(0)
    os.kill(watchdog.pid, signal.SIGINT)
    time.sleep(0.3)
    assert not is_gone(pid)
    end(watchdog)


def test_the_exit_code_is_passed_on(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", ["sh", "-c", "echo ended; exit 7"]))
    assert watchdog.wait(10) == 7
    assert (tmp_path / "console").read_text() == "ended\n"
    end(watchdog)


def test_a_program_that_is_not_there_is_told_in_the_console(tmp_path: Path) -> None:
    watchdog = begin(launch(tmp_path / "console", ["/nonexistent/java"]))
    assert watchdog.wait(10) == 1
    assert (tmp_path / "console").read_text().startswith("cannot start /nonexistent/java: ")
    end(watchdog)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives up root")
@pytest.mark.parametrize("capability", [None, CAP_DAC_READ_SEARCH])
def test_the_program_holds_the_account_and_not_one_capability_more(
    tmp_path: Path, capability: int | None
) -> None:
    account = Account(NOBODY, NOBODY, capability)
    begun = begin(launch(tmp_path / "console", ["cat", "/proc/self/status"], account=account))
    assert begun.wait(10) == 0
    end(begun)
    status = dict(
        line.split(":\t", 1) for line in (tmp_path / "console").read_text().splitlines() if ":\t" in line
    )
    held = 0 if capability is None else 1 << capability
    assert status["Uid"].split() == status["Gid"].split() == [str(NOBODY)] * 4
    assert status["Groups"].strip() == ""
    assert {int(status[name], 16) for name in ("CapPrm", "CapEff", "CapAmb")} == {held}
