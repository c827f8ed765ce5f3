"""Modes of what is made in the data folder, whatever the umask."""

from __future__ import annotations

import os
import stat

import pytest

from atlaslens_forwarder import private_file
from atlaslens_forwarder.service.forgotten import ForgottenList
from atlaslens_forwarder.service.seals.folder import SealFolder


@pytest.fixture(params=[0o000, 0o022, 0o077])
def umask(request):
    """Sets it for the test."""
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def modes(folder):
    return {
        str(path.relative_to(folder)): stat.S_IMODE(path.stat().st_mode) for path in sorted(folder.rglob("*"))
    }


def test_what_the_data_folder_holds_is_for_its_owner_alone(umask, tmp_path):
    data = tmp_path / "data"
    ForgottenList(data / "people" / "forgotten.json").add(["a"], 0)
    seals = SealFolder(data / "seals")
    with seals.alone(), seals.keep_leaves(1) as keep:
        keep(b"leaf")
    seals.save_stamp(1, b"stamp")
    private_file.create(data / "keys" / "keyring.json", "{}", "key file")

    found = modes(tmp_path)

    passage = 0o700 if umask == 0o077 else 0o711
    assert found.pop("data") == passage
    assert {name for name, mode in found.items() if mode == 0o700} == {
        "data/people",
        "data/seals",
        "data/keys",
    }
    assert {mode for name, mode in found.items() if name.count("/") == 2} == {0o600}
    assert seals.stamp(1) == b"stamp"
    assert list(seals.lines(1)) == [b"leaf"]


def test_a_folder_that_is_there_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o750)
    private_file.make_folder(tmp_path)
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750


def test_a_new_file_never_takes_the_place_of_another(tmp_path):
    (tmp_path / "there").write_text("kept")
    with pytest.raises(FileExistsError):
        private_file.open_new(tmp_path / "there")
    assert (tmp_path / "there").read_text() == "kept"
