"""Which virtual machines run on a node's folder."""

from __future__ import annotations

from pathlib import Path


def java_pids(data_dir: Path) -> list[int]:
    """The virtual machines that run on a data folder."""
    wanted = f"-Dopensearch.path.conf={data_dir}/config".encode()
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            arguments = (folder / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if wanted in arguments:
            found.append(int(folder.name))
    return found
