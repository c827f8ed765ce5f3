"""docs/cli.md has every command and option of the program, and no other."""

from __future__ import annotations

import re
from pathlib import Path

import click

from atlaslens_forwarder.cli.main import cli

PAGE = Path(__file__).resolve().parents[3] / "docs" / "cli.md"
OPTION = re.compile(r"(?<![\w-])(--?[a-z][a-z0-9-]*)")


def sections():
    """The option names in the tables of each command's section."""
    found = {}
    for part in PAGE.read_text(encoding="utf-8").split("\n## ")[1:]:
        name, _, body = part.partition("\n")
        cells = [line.split("|")[1] for line in body.splitlines() if line.startswith("| `")]
        found[name.strip()] = {option for cell in cells for option in OPTION.findall(cell)}
    return found


def commands(command=cli, path=()):
    """Each command's option names, by its words."""
    name = " ".join(path) or "atlaslens-forwarder"
    options = {
        option
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for option in (*parameter.opts, *parameter.secondary_opts)
    }
    found = {name: options}
    if isinstance(command, click.Group):
        context = click.Context(command)
        for word in command.list_commands(context):
            found |= commands(command.get_command(context, word), (*path, word))
    return found


def test_the_page_has_every_command_and_no_other():
    assert sorted(sections()) == sorted(commands())


def test_the_page_has_every_option_and_no_other():
    assert sections() == commands()
