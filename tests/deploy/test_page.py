"""docs/deployment.md says what is in deploy/ and in the code, and nothing else."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml

from atlaslens_forwarder.certificates import CERTIFICATE_LIFE, RENEWED_BEFORE
from atlaslens_forwarder.settings.reading import variable_names

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = (REPOSITORY / "docs" / "deployment.md").read_text()
COMPOSE = (REPOSITORY / "docker-compose.yml").read_text()
CODE = "\n".join(re.findall(r"```.*?```|`[^`\n]*`", PAGE, re.DOTALL))


def first_cells(heading):
    """The names in the first column of the first table below a heading."""
    table = re.search(r"^\|.*?(?=\n\n|\Z)", PAGE.split(heading)[1], re.MULTILINE | re.DOTALL)
    assert table is not None
    return [name for row in table[0].splitlines()[2:] for name in re.findall(r"`([^`]+)`", row.split("|")[1])]


def test_every_file_it_names_is_there():
    named = set(re.findall(r"(?<![\w./])(?:deploy|requirements|\.github)/[\w./-]*\w", CODE))

    assert len(named) > 8
    assert {name for name in named if not (REPOSITORY / name).exists()} == set()


def test_every_setting_it_names_is_one():
    names = {name.replace("<SITE>", "ACME") for name in variable_names()}
    shown = set(re.findall(r"\bATLASLENS_[A-Z_]+[A-Z]\b", CODE))
    credentials = re.findall(r"/etc/atlaslens/credentials/([A-Z_]+)", CODE)

    assert len(shown) > 5
    assert shown <= names
    assert {f"ATLASLENS_{name}" for name in credentials} <= names
    assert credentials


def test_every_variable_of_the_compose_file_is_in_it_with_its_default():
    defaults = dict(re.findall(r"\$\{([A-Z_]+):-([^}]*)\}", COMPOSE))

    rows = dict(re.findall(r"^\| `([A-Z_]+)` \| `([^`]+)` \|", PAGE, re.MULTILINE))
    assert rows == defaults


def test_every_profile_and_service_it_names_is_one():
    services = yaml.safe_load(COMPOSE)["services"]
    profiles = {profile for service in services.values() for profile in service.get("profiles", [])}
    named = re.findall(r"docker compose (?:exec|run --rm(?: -T)?(?: --entrypoint \w+)?|cp) ([a-z]+)", CODE)

    assert set(re.findall(r"--profile ([\w-]+)", CODE)) == profiles
    assert {"forwarder", "setup", "bootstrap", "opensearch", "grafana"} <= set(named) <= set(services)


def test_every_value_it_names_is_one_of_the_chart():
    schema = json.loads(
        (REPOSITORY / "deploy" / "helm" / "atlaslens-forwarder" / "values.schema.json").read_text()
    )
    names = first_cells("Where it may do more than the forwarder")

    assert len(names) > 10
    for name in names:
        part = schema
        for key in name.split("."):
            part = part["properties"][key]


def test_folders_and_times_of_bootstrap_are_those_of_the_code():
    dockerfile = (REPOSITORY / "Dockerfile").read_text()

    folders = {name.rstrip("/") for name in first_cells("## Bootstrap") if name.endswith("/")}
    assert folders == set(re.findall(r"/bootstrap/(\w+)", dockerfile))
    assert f"good for {CERTIFICATE_LIFE.days} days" in PAGE
    assert f"within {RENEWED_BEFORE.days} days" in PAGE
