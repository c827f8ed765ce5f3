"""Files of the settings that are open to others are told, each with the command that mends it."""

from __future__ import annotations

import os
import shlex
import stat
import subprocess

import pytest

from atlaslens_forwarder.settings import load_settings, open_paths


@pytest.fixture
def settings(monkeypatch, tmp_path):
    """All that is looked at, closed, below a folder whose name has a space."""
    for name in os.environ:
        if name.upper().startswith("ATLASLENS_"):
            monkeypatch.delenv(name)
    home = tmp_path / "a home"
    for name in ("secrets", "data", "data/people", "data/seals"):
        (home / name).mkdir(mode=0o700, parents=True)
    monkeypatch.chdir(home)
    texts = {
        ".env": "ATLASLENS_OPENSEARCH__PASSWORD=otter-lantern\nATLASLENS_OPENSEARCH__USERNAME=u\n",
        "secrets/ATLASLENS_ALERTS__WEBHOOK_SECRET": "s",
        "secrets/README": "not a setting",
        "data/people/forgotten.json": "{}",
        "main.key": "",
        "reader.key": "",
    }
    for name, text in texts.items():
        (home / name).write_text(text)
        (home / name).chmod(0o600)
    monkeypatch.setenv("ATLASLENS_SECRETS_DIR", str(home / "secrets"))
    monkeypatch.setenv("ATLASLENS_DATA_DIR", str(home / "data"))
    for part, name in (("", "main"), ("READER__", "reader")):
        monkeypatch.setenv(f"ATLASLENS_OPENSEARCH__{part}CLIENT_CERT", str(home / f"{name}.pem"))
        monkeypatch.setenv(f"ATLASLENS_OPENSEARCH__{part}CLIENT_KEY", str(home / f"{name}.key"))
    return load_settings()


def test_nothing_is_told_when_all_is_closed_or_missing(settings, tmp_path):
    assert not list(open_paths(settings))
    (tmp_path / "a home" / "main.key").unlink()
    (tmp_path / "a home" / "data" / "people" / "forgotten.json").unlink()
    assert not list(open_paths(settings))


@pytest.mark.parametrize(
    ("name", "mode", "what"),
    [
        (".env", 0o640, "settings file"),
        (".env", 0o604, "settings file"),
        ("secrets/ATLASLENS_ALERTS__WEBHOOK_SECRET", 0o444, "secret"),
        ("main.key", 0o640, "client key"),
        ("reader.key", 0o644, "client key"),
        ("data", 0o777, "data folder"),
        ("data/people/forgotten.json", 0o644, "list of forgotten people"),
        ("data/seals", 0o755, "folder of seals"),
    ],
)
def test_an_open_path_is_told_and_its_hint_mends_it(settings, tmp_path, name, mode, what):
    path = tmp_path / "a home" / name
    path.chmod(mode)

    (found,) = open_paths(settings)

    assert found.what == what
    assert found.path.absolute() == path
    assert found.one_line().endswith(f"run {found.hint}")
    subprocess.run(shlex.split(found.hint), check=True)
    assert not list(open_paths(settings))
    assert stat.S_IMODE(path.stat().st_mode) & 0o700 == mode & 0o700  # its owner keeps all rights


@pytest.mark.parametrize(
    ("name", "mode"),
    [
        ("secrets/ATLASLENS_ALERTS__WEBHOOK_SECRET", 0o440),
        ("secrets/README", 0o644),
        ("data", 0o2775),
        ("data/seals", 0o2770),
        ("data/people/forgotten.json", 0o660),
    ],
)
def test_what_groups_may_do_and_other_files_are_no_matter(settings, tmp_path, name, mode):
    (tmp_path / "a home" / name).chmod(mode)

    assert not list(open_paths(settings))


def test_a_settings_file_without_secrets_may_be_open(settings, tmp_path):
    plain = tmp_path / "plain.env"
    plain.write_text("ATLASLENS_SERVICE__INTERVAL_S=60\n")
    plain.chmod(0o644)

    assert not list(open_paths(load_settings(plain), plain))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_of_files_of_another_owner_the_group_may_read(settings, tmp_path):
    for name in (".env", "main.key"):
        path = tmp_path / "a home" / name
        os.chown(path, 12345, -1)
        path.chmod(0o640)
    assert not list(open_paths(settings))

    path.chmod(0o644)
    (found,) = open_paths(settings)
    assert (found.what, found.hint.split()[1]) == ("client key", "o-rwx")
