"""The systemd unit, as systemd reads it, and what it hands to the forwarder."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from atlaslens_forwarder.settings.reading import ENV_FILE_VARIABLE, variable_names

FOLDER = Path(__file__).resolve().parents[2] / "deploy" / "systemd"
UNIT = FOLDER / "atlaslens-forwarder.service"
HIGHEST_EXPOSURE = 15
"""Tenths of systemd's own score, 0 (shut) to 100."""


@pytest.fixture
def service():
    """The section [Service]; of a repeated name all values."""
    values = {}
    section = UNIT.read_text().split("[Service]")[1].split("[Install]")[0]
    for line in section.splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            values.setdefault(name, []).append(value)
    return values


@pytest.fixture
def analyze():
    """Runs systemd-analyze."""
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed")
    return lambda *arguments: subprocess.run(
        [program, *map(str, arguments)], capture_output=True, text=True, check=False
    )


def test_systemd_reads_it_without_a_word(analyze, tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("/opt/atlaslens/bin/atlaslens-forwarder", "/bin/true"))

    done = analyze("verify", "--man=no", unit)

    assert [line for line in (done.stdout + done.stderr).splitlines() if UNIT.name in line] == []


def test_systemd_would_name_a_mistake(analyze, tmp_path):
    unit = tmp_path / UNIT.name
    unit.write_text(UNIT.read_text().replace("ProtectHome=yes", "ProtectHome=sure"))

    assert "protect home" in analyze("verify", "--man=no", unit).stderr


def test_it_is_as_shut_as_a_client_of_the_network_can_be(analyze):
    done = analyze("security", "--offline=yes", f"--threshold={HIGHEST_EXPOSURE}", UNIT)

    assert done.returncode == 0, done.stdout


def test_every_setting_in_it_is_one(service):
    names = {value.partition("=")[0] for value in service["Environment"]}

    assert names - {ENV_FILE_VARIABLE} <= set(variable_names())


def test_a_file_of_credentials_arrives_under_the_name_of_a_setting(service):
    identifier, _, folder = service["LoadCredential"][0].partition(":")

    made = (FOLDER / "atlaslens.tmpfiles").read_text()
    assert f"{identifier}_OPENSEARCH__PASSWORD" in variable_names()
    assert "Environment=ATLASLENS_SECRETS_DIR=%d" in UNIT.read_text()
    assert re.search(rf"^d {re.escape(folder)} +0700 root root", made, re.MULTILINE)


def test_account_and_folders_are_those_that_are_made(service):
    assert re.search(rf"^u {service['User'][0]} ", (FOLDER / "atlaslens.sysusers").read_text(), re.MULTILINE)
    assert "Environment=ATLASLENS_DATA_DIR=/var/lib/" + service["StateDirectory"][0] in UNIT.read_text()


def test_settings_that_cannot_be_used_are_not_tried_again(service):
    assert service["RestartPreventExitStatus"] == ["2"]
