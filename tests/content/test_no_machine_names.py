"""No file names a package registry's host, or a folder of somebody's machine."""

from __future__ import annotations

import re

# Written in parts, so that this file does not name them either.
HOSTS = re.compile(
    "|".join(
        [
            r"repo1?\.maven" + r"\.(?:org|apache)",
            "pypi" + r"\.(?:org|python)",
            "files.python" + "hosted",
            "central.sona" + "type",
            r"registry\.npm" + "js",
            r"artifacts\.open" + r"search\.org",
        ]
    )
)
FOLDERS = re.compile(
    "(?<![\\w./}])/(?:" + "|".join(["wo" + "rk", "ho" + r"me/\w+", "Us" + r"ers/\w+"]) + ")/"
)


def lines_with(pattern, texts):
    return [
        f"{path}:{number}"
        for path, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]


def test_no_file_names_the_host_of_a_registry(texts):
    assert lines_with(HOSTS, texts) == []


def test_no_file_names_a_folder_of_a_machine(texts):
    assert lines_with(FOLDERS, texts) == []


def test_the_patterns_find_what_they_are_for():
    assert HOSTS.search("https://repo1.maven" + ".org/x")
    assert FOLDERS.search("see /wo" + "rk/main/x")
    assert FOLDERS.search("/ho" + "me/ada/x")
    assert not FOLDERS.search("https://acme.atlassian.net/wiki/x")
