"""The workflows, as actionlint reads them, and the list of parts that a release carries."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

pytestmark = pytest.mark.timeout(900)  # the first test builds the tool

REPOSITORY = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((REPOSITORY / ".github" / "workflows").glob("*.yml"))
PINNED = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def test_actionlint_finds_nothing(tool):
    done = tool("actionlint")(*WORKFLOWS)

    assert (done.returncode, done.stdout) == (0, "")


def test_actionlint_would_find_something(tool, tmp_path):
    bad = tmp_path / "bad.yml"
    bad.write_text("on: push\njobs: {a: {runs-on: ubuntu-24.04, needs: [b], steps: [{run: ls}]}}\n")

    assert tool("actionlint")(bad).returncode == 1


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_action_is_pinned_by_its_commit_and_each_job_has_least_rights(path):
    text = path.read_text()
    uses = re.findall(r"uses: (.+)", text)
    workflow = yaml.safe_load(text)

    assert uses
    assert [each for each in uses if not PINNED.fullmatch(each)] == []
    assert workflow["permissions"] == {"contents": "read"}
    assert all("timeout-minutes" in job for job in workflow["jobs"].values())


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_each_make_target_it_runs_is_one(path):
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    run = [word for words in re.findall(r"run: make (.+)", path.read_text()) for word in words.split()]

    assert {"check", "audit"} <= set(run) <= targets


def test_the_list_of_parts_has_every_locked_requirement_with_its_hashes(tmp_path):
    shutil.copytree(REPOSITORY / "requirements", tmp_path / "requirements")
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    recipe = re.search(r"^sbom:.*?\n((?:\t.*\n)+)", (REPOSITORY / "Makefile").read_text(), re.MULTILINE)
    assert recipe is not None
    binaries = str(Path(sys.executable).parent)
    script = recipe[1].replace("\t@", "").replace("$(BIN)", binaries)

    subprocess.run(["sh", "-euc", script], cwd=tmp_path, env={"PATH": os.environ["PATH"]}, check=True)  # noqa: S607

    parts = json.loads((tmp_path / "dist" / "sbom.cdx.json").read_text())["components"]
    locked = re.findall(
        r"^([\w.-]+)==(\S+)", (REPOSITORY / "requirements" / "runtime.txt").read_text(), re.MULTILINE
    )
    listed = {(part["name"], part["version"]): part for part in parts}
    assert len(locked) > 40
    assert set(locked) == set(listed)
    assert all(part["externalReferences"][0]["hashes"] for part in parts)
