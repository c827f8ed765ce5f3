"""How the settings file is written: at once or not at all, for its owner only."""

from __future__ import annotations

import os
import stat

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.service.connect.env_file import edit_env, read_env, write_env


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_new_settings_stand_below_a_heading_at_the_end():
    assert edit_env("", {"B": "1"}, heading="Site x") == "# Site x\nB=1\n"
    assert edit_env("A=1", {"B": "1"}, heading="Site x") == "A=1\n\n# Site x\nB=1\n"
    assert edit_env("A=1\r\n", {"B": "1"}, heading="Site x") == "A=1\r\n\r\n# Site x\r\nB=1\r\n"


def test_new_settings_join_those_that_are_there():
    text = "# mine\nA=1 # why\n\nB=2\nC=3\n"

    assert edit_env(text, {"B": "x y", "D": "4"}, heading="") == "# mine\nA=1 # why\n\nB='x y'\nD=4\nC=3\n"
    assert edit_env(text, {"A": None}, heading="") == "# mine\n\nB=2\nC=3\n"


def test_the_file_and_its_backup_are_for_their_owner_only(tmp_path):
    path = tmp_path / ".env"
    path.write_text("OLD=1\n")
    path.chmod(0o644)

    backup = write_env(path, "NEW=1\n")

    assert backup == tmp_path / ".env.bak"
    assert (path.read_text(), backup.read_text()) == ("NEW=1\n", "OLD=1\n")
    assert mode(path) == mode(backup) == 0o600
    assert names(tmp_path) == [".env", ".env.bak"]


def test_a_new_file_needs_no_backup_and_the_same_text_is_not_written(tmp_path):
    path = tmp_path / ".env"
    assert write_env(path, "A=1\n") is None
    path.chmod(0o644)
    before = path.stat().st_ino

    assert write_env(path, "A=1\n") is None
    assert (mode(path), path.stat().st_ino) == (0o600, before)
    assert names(tmp_path) == [".env"]


def test_a_link_stays_one(tmp_path):
    real = tmp_path / "real.env"
    real.write_text("A=1\n")
    link = tmp_path / ".env"
    link.symlink_to(real)

    write_env(link, "A=2\n")

    assert link.is_symlink()
    assert real.read_text() == "A=2\n"


def test_what_cannot_be_read_or_written_is_told(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot read"):
        read_env(tmp_path / "binary")
    with pytest.raises(ConfigError, match="cannot read"):
        read_env(tmp_path)
    with pytest.raises(ConfigError, match="cannot write"):
        write_env(tmp_path / "missing" / ".env", "A=1\n")
    assert read_env(tmp_path / "nothing") == ""


def test_a_write_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / ".env"
    path.write_text("A=1\n")

    def full(_descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ConfigError, match="cannot write"):
        write_env(path, "A=2\n")

    assert path.read_text() == "A=1\n"
    assert names(tmp_path) == [".env"]
