"""The program: its commands, and the one place where an error becomes a line and an exit code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder import __version__
from atlaslens_forwarder.cli.collector import collect_rarely
from atlaslens_forwarder.cli.failures import Failures
from atlaslens_forwarder.cli.lazy import LazyGroup
from atlaslens_forwarder.errors import EXIT_CHECK_FAILED, EXIT_OK, EXIT_USAGE, AtlaslensError

if TYPE_CHECKING:
    from collections.abc import Sequence

INTERRUPTED = 130
"""128 + SIGINT, as shells have it."""

EPILOG = (
    "Exit codes: 0 ok, 1 a check failed, 2 usage or configuration, 3 a server is unreachable, "
    "4 some sources failed, 130 interrupted."
)

_HERE = "atlaslens_forwarder.cli"
COMMANDS = {
    "admin": f"{_HERE}.admin",
    "bootstrap": f"{_HERE}.bootstrap",
    "config": f"{_HERE}.config",
    "connect": f"{_HERE}.connect",
    "coverage": f"{_HERE}.coverage",
    "custody": f"{_HERE}.custody",
    "demo": f"{_HERE}.demo",
    "export": f"{_HERE}.evidence",
    "gaps": f"{_HERE}.gaps",
    "hold": f"{_HERE}.hold",
    "keys": f"{_HERE}.keys",
    "people": f"{_HERE}.people",
    "prove": f"{_HERE}.disclosure",
    "quarantine": f"{_HERE}.quarantine",
    "redact": f"{_HERE}.disclosure",
    "reports": f"{_HERE}.reports",
    "rules": f"{_HERE}.rules",
    "run": f"{_HERE}.run",
    "seals": f"{_HERE}.seals",
    "setup": f"{_HERE}.setup",
    "simulate": f"{_HERE}.simulate",
    "status": f"{_HERE}.status",
    "sync": f"{_HERE}.sync",
    "verify": f"{_HERE}.evidence",
    "views": f"{_HERE}.views",
}
"""Where each command is."""


@click.group(
    cls=LazyGroup,
    modules=COMMANDS,
    epilog=EPILOG,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="atlaslens-forwarder")
def cli() -> None:
    """Forward Atlassian Cloud audit data to OpenSearch and prove that nothing is missing or altered."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the program and exit with its documented code."""
    collect_rarely()
    sys.exit(exit_code_of(arguments))


def exit_code_of(arguments: Sequence[str] | None = None) -> int:  # noqa: PLR0911  a return per kind of end
    """Run a command; every failure becomes one line on stderr."""
    failures = Failures()
    try:
        result = cli.main(
            args=arguments, prog_name="atlaslens-forwarder", standalone_mode=False, obj=failures
        )
    except click.UsageError as error:
        error.show()
        return EXIT_USAGE
    except click.ClickException as error:
        error.show()
        return EXIT_USAGE
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted", err=True)
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone, which is its right; keep Python from complaining at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    except AtlaslensError as error:
        failures.print_line(error)
        return error.exit_code
    except Exception as error:  # noqa: BLE001  told as a defect of ours, whatever it is
        if os.environ.get("ATLASLENS_LOG__LEVEL") == "debug":
            failures.print_traceback(error)
        else:
            click.echo(
                f"error: unexpected {type(error).__name__}: "
                "run again with ATLASLENS_LOG__LEVEL=debug and report what it prints",
                err=True,
            )
        return EXIT_CHECK_FAILED
    return result if isinstance(result, int) else EXIT_OK
