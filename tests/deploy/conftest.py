"""The real tools that read what is in deploy/: built from their Go modules, at most once per machine."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
MODULES = {
    "helm": "helm.sh/helm/v3/cmd/helm@v3.22.0",
    "kubeconform": "github.com/yannh/kubeconform/cmd/kubeconform@v0.8.0",
    "actionlint": "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12",
}
COMPOSE = Path(__file__).parent / "compose"
BUILD_TIMEOUT_S = 600


def built(name, version, arguments, place):
    """The binary ``name`` of this version; skips, saying why, where it cannot be built."""
    cache = Path(os.environ.get("ATLASLENS_TOOLS_CACHE") or REPOSITORY / ".atlaslens" / "tools")
    binary = cache / f"{name}-{version}"
    if binary.exists():
        return binary
    go = shutil.which("go", path=f"{os.environ['PATH']}:/usr/local/go/bin")
    if go is None:
        pytest.skip(f"{name} is built with Go, which is not installed")
    folder = cache / f"{name}.{os.getpid()}.part"
    folder.mkdir(parents=True)
    try:
        done = subprocess.run(
            [go, *arguments(folder)],
            cwd=place,
            env={**os.environ, "GOBIN": str(folder), "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"},
            capture_output=True,
            text=True,
            timeout=BUILD_TIMEOUT_S,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"{name} cannot be built: {done.stderr.strip().splitlines()[-1]}")
        (folder / name).rename(binary)
    finally:
        shutil.rmtree(folder)
    return binary


@pytest.fixture(scope="session")
def tool():
    """A tool by name, as a function that runs it: its exit code and all that it printed."""

    def find(name):
        module = MODULES[name]
        binary = built(
            name, module.partition("@")[2], lambda _: ["install", "-ldflags=-s", module], REPOSITORY
        )

        def run(*arguments, **options):
            return subprocess.run(
                [binary, *map(str, arguments)], capture_output=True, text=True, check=False, **options
            )

        return run

    return find


@pytest.fixture(scope="session")
def compose_model():
    """What a compose file stands for, as Docker Compose's own library reads it."""
    version = re.search(r"compose-go/v2 (\S+)", (COMPOSE / "go.mod").read_text())[1]
    binary = built("compose", version, lambda folder: ["build", "-o", f"{folder}/compose", "."], COMPOSE)

    def read(file, *profiles, environ=None):
        return subprocess.run(
            [binary, file, *profiles],
            capture_output=True,
            text=True,
            check=False,
            cwd=file.parent,
            env={"PATH": os.defpath, **(environ or {})},
        )

    return read


@pytest.fixture(scope="session")
def hadolint():
    """The linter for Dockerfiles, which comes with the locked requirements."""
    return Path(sys.executable).parent / "hadolint"
