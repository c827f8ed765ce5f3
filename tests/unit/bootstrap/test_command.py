"""The command ``bootstrap``: what it prints, and what it does not."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from atlaslens_forwarder.cli.main import cli


def run(*arguments):
    return CliRunner().invoke(cli, ["bootstrap", *map(str, arguments)])


def test_it_says_what_it_wrote_and_no_password(tmp_path):
    done = run(tmp_path / "b", "--node", "node-1", "--json")

    found = json.loads(done.stdout)
    assert done.exit_code == 0
    assert "opensearch/node-1.pem" in found["written"]
    passwords = json.loads((tmp_path / "b" / "private" / "passwords.json").read_text()).values()
    assert not any(password in done.output for password in passwords)


def test_the_second_time_there_is_nothing_to_do(tmp_path):
    run(tmp_path / "b")

    done = run(tmp_path / "b")

    assert (done.stdout, done.stderr) == ("", "nothing to do\n")


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x", "a/b", "*"])
def test_a_name_that_is_no_host_is_refused(tmp_path, name):
    done = run(tmp_path / "b", f"--node={name}")

    assert done.exit_code == 2
    assert "is no host name" in done.stderr
    assert not (tmp_path / "b").exists()
