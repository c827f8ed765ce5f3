"""``keys signing`` as a user runs it: keys are brought in, rotated and handed out, and none is ever shown."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from click.testing import CliRunner

from atlaslens_forwarder.cli.main import cli

if TYPE_CHECKING:
    from pathlib import Path


def run(*arguments: str | Path, **environment: str):
    without = dict.fromkeys(name for name in os.environ if name.startswith("ATLASLENS_"))
    return CliRunner().invoke(cli, [*map(str, arguments)], env={**without, **environment})


def test_a_given_key_signs_and_later_keys_follow_from_it(tmp_path):
    pem, env_file = tmp_path / "key.pem", tmp_path / ".env"
    env_file.write_text(f"ATLASLENS_DATA_DIR={tmp_path / 'data'}\n")
    subprocess.run(
        ["openssl", "genpkey", "-algorithm", "ed25519", "-aes256", "-pass", "pass:secret", "-out", pem],  # noqa: S607
        check=True,
    )
    pem.chmod(0o600)
    command, env = ("keys", "signing"), ("--env-file", env_file)
    wrong = run(*command, "import", pem, *env, SIGNING_KEY_PASSWORD="wrong")
    assert wrong.exit_code != 0
    assert "another password" in str(wrong.exception)
    brought = run(*command, "import", pem, *env, SIGNING_KEY_PASSWORD="secret")
    assert brought.exit_code == 0, brought.exception
    rotated = run(*command, "rotate", "--overlap-days", "0", *env)
    assert rotated.exit_code == 0
    again = run(*command, "import", pem, *env, SIGNING_KEY_PASSWORD="secret")
    assert "in the history already" in str(again.exception)
    listed = run(*command, "list", *env)
    assert "verifies" in listed.stdout
    assert "signs" in listed.stdout
    public = run(*command, "export-public", *env)
    assert public.stdout.startswith("-----BEGIN PUBLIC KEY-----")
    shown = (each.output for each in (brought, rotated, listed, public))
    assert not any("PRIVATE" in text for text in shown)
