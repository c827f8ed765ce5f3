"""Developer command: resolve the closure of the engine's spec again and rewrite its lock files.

Run as ``python -m atlaslens_forwarder.engine.lock``. The result is committed; users only ever install what
the lock names.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from atlaslens_forwarder.engine.artifacts import LOCK_FILE, PLUGIN_LOCK_FILE, LockedArtifact, format_lock
from atlaslens_forwarder.engine.download import sha256_of
from atlaslens_forwarder.engine.spec import DEFAULT_SPEC, SECURITY_PLUGIN, EngineSpec, Plugin

_RUNTIME_SCOPES = frozenset({None, "compile", "runtime"})


def resolve(spec: EngineSpec, repository: Path) -> list[LockedArtifact]:
    """The closure of ``spec`` with checksums, downloading below ``repository``.

    A module holds only what ``lib`` does not: its class loader has the server's as parent, and the server
    refuses a class found twice.
    """
    from jgo.maven import MavenContext  # noqa: PLC0415  optional extra, needed by this command only

    context = MavenContext(repo_cache=repository)
    lib = _closure(context, spec.lib)
    agent = _closure(context, spec.agent)
    places = {"lib": lib, "agent": agent}
    for module in spec.modules:
        closure = _closure(context, (f"org.opensearch.plugin:{module.artifact}:{spec.version}",))
        places[f"modules/{module.name}"] = {key: value for key, value in closure.items() if key not in lib}
    return [
        LockedArtifact(
            place=place,
            group=dependency.groupId,
            name=dependency.artifactId,
            version=dependency.version,
            classifier=dependency.classifier,
            extension=dependency.type,
            sha256=sha256_of(dependency.artifact.resolve()),
        )
        for place, closure in places.items()
        for dependency in closure.values()
    ]


def resolve_plugin(plugin: Plugin, repository: Path) -> list[LockedArtifact]:
    """The files of a plugin with checksums, downloading below ``repository``."""
    from jgo.maven import MavenContext  # noqa: PLC0415  optional extra, needed by this command only

    context = MavenContext(repo_cache=repository)
    found = []
    for text in (plugin.archive, *plugin.missing):
        coordinates, _, extension = text.partition("@")
        group, name, version = coordinates.split(":")
        artifact = context.project(group, name).at_version(version).artifact("", extension or "jar")
        found.append(
            LockedArtifact(
                place=f"plugins/{plugin.name}",
                group=group,
                name=name,
                version=version,
                extension=extension or "jar",
                sha256=sha256_of(artifact.resolve()),
            )
        )
    return found


def _closure(context: Any, coordinates: tuple[str, ...]) -> dict[tuple[str, str, str], Any]:
    """Roots and what they need; an earlier root decides a version.

    Each root is resolved alone: together, jgo would import every root as a bill of materials, and that of a
    logging library would overrule versions of the server.
    """
    closure: dict[tuple[str, str, str], Any] = {}
    for text in coordinates:
        roots, transitive = context.resolver.resolve([context.create_dependency(text)])
        for found in [*roots, *transitive]:
            if found.scope in _RUNTIME_SCOPES and not found.optional:
                closure.setdefault((found.groupId, found.artifactId, found.classifier), found)
    return closure


def main() -> int:
    """Rewrite the lock files beside this module."""
    with tempfile.TemporaryDirectory(prefix="atlaslens-lock-") as folder:
        locks = {
            LOCK_FILE: (resolve(DEFAULT_SPEC, Path(folder)), "every file of the embedded node"),
            PLUGIN_LOCK_FILE: (
                resolve_plugin(SECURITY_PLUGIN, Path(folder)),
                "what a secured node has besides",
            ),
        }
    for name, (artifacts, holds) in locks.items():
        path = Path(__file__).with_name(name)
        path.write_text(format_lock(artifacts, version=DEFAULT_SPEC.version, holds=holds), encoding="utf-8")
        sys.stdout.write(f"{name}: {len(artifacts)} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
