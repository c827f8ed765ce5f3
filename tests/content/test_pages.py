"""Pages lead somewhere: links resolve, anchors exist, commands are there, every ADR is listed."""

from __future__ import annotations

import re
from pathlib import Path

import click

from atlaslens_forwarder.cli.main import cli

LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
COMMAND = re.compile(r"atlaslens-forwarder ((?:[a-z]+ ?)+)")
TARGET = re.compile(r"^([a-z]+):", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z]+)")


def anchors(text):
    """As code forges make them: lower case, spaces to hyphens, punctuation dropped."""
    return {
        re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")
        for heading in HEADING.findall(re.sub(r"```.*?```", "", text, flags=re.DOTALL))
    }


def test_every_link_between_pages_resolves(repository, pages):
    broken = []
    for path, text in pages.items():
        for target in LINK.findall(CODE.sub("", text)):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            file = repository / path.parent / name if name else repository / path
            if not file.exists() or (anchor and anchor not in anchors(file.read_text(encoding="utf-8"))):
                broken.append(f"{path}: {target}")

    assert broken == []


def test_every_command_a_page_shows_is_one(pages):
    unknown = []
    for path, text in pages.items():
        code = "\n".join(CODE.findall(text))
        for words in COMMAND.findall(code):
            group: click.Command = cli
            for word in words.split():
                if not isinstance(group, click.Group):
                    break
                named = group.get_command(click.Context(group), word)
                if named is None:
                    unknown.append(f"{path}: {words}")
                    break
                group = named

    assert unknown == []


def test_every_make_target_a_page_shows_is_one(repository, pages):
    targets = set(TARGET.findall((repository / "Makefile").read_text(encoding="utf-8")))

    shown = {
        (str(path), target)
        for path, text in pages.items()
        for target in MAKE.findall("\n".join(CODE.findall(text)))
    }

    assert {entry for entry in shown if entry[1] not in targets} == set()
    assert {target for _, target in shown} >= {"demo", "test"}


def test_every_decision_is_in_the_index_with_its_title(repository):
    folder = repository / "docs" / "adr"
    index = (folder / "README.md").read_text(encoding="utf-8")

    missing = []
    for file in sorted(folder.glob("[0-9]*.md")):
        title = file.read_text(encoding="utf-8").splitlines()[0].removeprefix("# ")
        if f"[{title}]({file.name})" not in index:
            missing.append(file.name)

    assert missing == []


def test_decisions_are_numbered_without_holes_and_have_a_status(repository):
    files = sorted((repository / "docs" / "adr").glob("[0-9]*.md"))

    assert [int(file.name[:4]) for file in files] == list(range(1, len(files) + 1))
    assert all("\nStatus: " in file.read_text(encoding="utf-8") for file in files)


def test_the_readme_leads_to_every_page(repository, pages):
    readme = pages[Path("README.md")]

    unlinked = [
        str(path) for path in pages if path.parent == Path("docs") and f"({path.as_posix()})" not in readme
    ]

    assert unlinked == []
