"""Writes what a node needs before it starts, and says how to start it."""

from __future__ import annotations

import os
import shutil
from types import MappingProxyType
from typing import TYPE_CHECKING

from atlaslens_forwarder import private_file
from atlaslens_forwarder.engine import config
from atlaslens_forwarder.engine.privileges import give, held_capabilities, node_account
from atlaslens_forwarder.engine.spec import OPENSEARCH_VERSION
from atlaslens_forwarder.engine.watchdog import Launch
from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from atlaslens_forwarder.engine.config import NodeFolders
    from atlaslens_forwarder.engine.java import JavaRuntime


def prepare(
    home: Path,
    folders: NodeFolders,
    *,
    java: JavaRuntime,
    settings: Mapping[str, object],
    heap_mb: int,
    grace_s: float,
    quick_start: bool,
    files: Mapping[str, str] = MappingProxyType({}),
) -> Launch:
    """Make the node's folders and files, hand them to its account, and return how to launch it.

    ``files`` are written into the configuration folder besides, by their path in it.

    Traces of an earlier run that would be taken for this one's (ports, console output) are removed. The
    environment of the virtual machine is a new one: ours may hold tokens.

    Raises:
        EngineError: we are root and cannot run the node as somebody else.
        OSError: a folder or file cannot be written.
    """
    shutil.rmtree(folders.scratch, ignore_errors=True)  # a killed node leaves its temporary files
    for folder in folders.writable:
        folder.mkdir(mode=0o700, exist_ok=True)
    _write_anew(folders.config / "opensearch.yml", config.opensearch_yml(settings))
    _write_anew(folders.config / "log4j2.properties", config.log4j2_properties())
    for name, text in files.items():
        (folders.config / name).parent.mkdir(mode=0o700, exist_ok=True)
        _write_anew(folders.config / name, text)
    _write_anew(folders.console, "")
    folders.http_ports.unlink(missing_ok=True)
    folders.transport_ports.unlink(missing_ok=True)
    try:
        needed = [java.binary, *home.rglob("*"), folders.root]
        account = node_account(needed, held=held_capabilities())
    except PermissionError as error:
        raise EngineError(str(error), hint="start it from an ordinary account") from error
    if account is not None:
        give(account, folders.writable)
    agent_jar = home / "agent" / f"opensearch-agent-{OPENSEARCH_VERSION}.jar"
    return Launch(
        command=config.java_command(
            java, home=home, folders=folders, heap_mb=heap_mb, agent_jar=agent_jar, quick_start=quick_start
        ),
        environment={"PATH": os.defpath, "LANG": "C.UTF-8", "HOME": str(folders.scratch)},
        console=str(folders.console),
        grace_s=grace_s,
        account=account,
    )


def _write_anew(path: Path, text: str) -> None:
    """Replace the file. Never through a link: the folder belongs to the node, and we may be root."""
    path.unlink(missing_ok=True)
    with private_file.open_new(path) as file:
        file.write(text.encode())
