"""The command line: one module per group of commands, results on stdout, everything else on stderr."""

from __future__ import annotations

from atlaslens_forwarder.cli.main import main

__all__ = ["main"]
