"""docs/settings.md and .env.example name every setting, its default and nothing else."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from dotenv import dotenv_values
from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from atlaslens_forwarder.settings import (
    ENV_FILE_VARIABLE,
    Settings,
    SiteSettings,
    load_settings,
    variable_names,
)

REPOSITORY = Path(__file__).resolve().parents[3]
DOC = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
EXAMPLE = REPOSITORY / ".env.example"
ROW = re.compile(r"^\| `(ATLASLENS_[^`]+)` \| (.*?) \| (.*?) \|$", re.MULTILINE)
SETTING_LINE = re.compile(r"^(?:# )?(ATLASLENS_[A-Z0-9_]+)=(.*)$", re.MULTILINE)


def default_of(name: str) -> object:
    """A setting's default value as the models have it."""
    *sections, leaf = name.removeprefix("ATLASLENS_").lower().split("__")
    if sections[:1] == ["sites"]:
        part = SiteSettings.model_fields[sections[2]].default if sections[2:] else SiteSettings
        return getattr(part, leaf) if sections[2:] else part.model_fields[leaf].default
    value: object = Settings()
    for section in (*sections, leaf):
        value = getattr(value, section)
    return value


def shown(default: object) -> str:
    """A default as docs/settings.md shows it."""
    if default is PydanticUndefined:
        return "required"
    if isinstance(default, SecretStr):
        default = default.get_secret_value()
    if default in (None, "", ()):
        return "–"
    return f"`{str(default).lower() if isinstance(default, bool) else default}`"


def test_the_page_lists_every_variable_with_its_meaning():
    rows = {name: meaning for name, _, meaning in ROW.findall(DOC)}
    described = variable_names()

    assert {name: rows.get(name) for name in described} == described
    assert rows.keys() - described.keys() == {ENV_FILE_VARIABLE}


def test_the_page_states_every_default():
    rows = {name: default for name, default, _ in ROW.findall(DOC) if name != ENV_FILE_VARIABLE}

    assert rows == {name: shown(default_of(name)) for name in rows}


def test_the_example_has_every_variable_once_and_no_other():
    names = [
        name.replace("__ACME__", "__<SITE>__") for name, _ in SETTING_LINE.findall(EXAMPLE.read_text("utf-8"))
    ]

    assert sorted(names) == sorted(name for name in variable_names() if name != "ATLASLENS_SECRETS_DIR")


@pytest.fixture
def _alone(monkeypatch, tmp_path):
    for name in os.environ:
        if name.upper().startswith("ATLASLENS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("_alone")
def test_the_example_loads_as_it_is():
    settings = load_settings(EXAMPLE)

    assert [*settings.sites] == ["acme"]
    assert settings.model_copy(update={"sites": {}, "opensearch": Settings().opensearch}) == Settings()


@pytest.mark.usefixtures("_alone")
def test_the_example_loads_with_all_lines_in_use(tmp_path):
    full = tmp_path / "full.env"
    full.write_text(
        re.sub(r"^# (ATLASLENS_)", r"\1", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE), "utf-8"
    )

    load_settings(full)

    assert all(value is not None for value in dotenv_values(full).values())
