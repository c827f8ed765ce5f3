"""What the content tests look at: the repository's own text files."""

from __future__ import annotations

from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
FOLDERS = (
    "alerting",
    "atlaslens_forwarder",
    "bench",
    "deploy",
    "docs",
    "index_templates",
    "requirements",
    "tests",
    ".ci",
    ".github",
)
SUFFIXES = frozenset(
    {
        ".py",
        ".md",
        ".json",
        ".yml",
        ".yaml",
        ".tpl",
        ".service",
        ".toml",
        ".txt",
        ".lock",
        ".example",
        ".properties",
        "",
    }
)


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def texts() -> dict[Path, str]:
    """Every text file of ours, by its path from the root."""
    found = [path for path in REPOSITORY.iterdir() if path.is_file() and path.name != ".env"]
    for folder in FOLDERS:
        found += [path for path in (REPOSITORY / folder).rglob("*") if path.is_file()]
    return {
        path.relative_to(REPOSITORY): path.read_text(encoding="utf-8")
        for path in found
        if path.suffix in SUFFIXES and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="session")
def pages(texts: dict[Path, str]) -> dict[Path, str]:
    """The Markdown pages among them."""
    return {path: text for path, text in texts.items() if path.suffix == ".md"}
