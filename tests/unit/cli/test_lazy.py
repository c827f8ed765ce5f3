"""A command is imported when it is named, and only then."""

from __future__ import annotations

import subprocess
import sys

import click
import pytest

from atlaslens_forwarder.cli.lazy import LazyGroup
from atlaslens_forwarder.cli.main import COMMANDS, cli

IMPORTED = """
import sys
from atlaslens_forwarder.cli.main import exit_code_of
code = exit_code_of(sys.argv[1:])
heavy = ("httpx", "opensearchpy", "atlaslens_forwarder.simulator")
print(code, *(name for name in heavy if name in sys.modules))
"""


def imported(*arguments):
    ended = subprocess.run(
        [sys.executable, "-c", IMPORTED, *arguments], capture_output=True, text=True, check=True
    )
    return ended.stdout.splitlines()[-1].split()


def test_every_command_bears_the_name_it_is_called_by():
    context = click.Context(cli)

    names = {name: command.name for name in COMMANDS if (command := cli.get_command(context, name))}

    assert names == {name: name for name in COMMANDS}
    assert cli.list_commands(context) == sorted(COMMANDS)


def test_no_command_pays_for_the_others():
    assert imported("--version") == ["0"]
    assert imported("sync", "--help") == ["0", "httpx", "opensearchpy"]


def test_an_unknown_command_is_none_and_what_is_no_command_is_a_bug():
    group = LazyGroup("group", modules={"path": "os"})
    context = click.Context(group)

    assert group.get_command(context, "other") is None
    with pytest.raises(TypeError, match=r"os\.path is no command"):
        group.get_command(context, "path")
