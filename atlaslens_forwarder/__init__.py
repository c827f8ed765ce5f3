"""AtlasLens forwarder: Atlassian Cloud audit data into OpenSearch, with proof of completeness.

Data flows one way: ``sources`` → ``normalise`` → ``privacy`` → ``sink`` → ``ledger`` → ``cursor``.
``pipeline`` joins the steps, ``service`` schedules them, ``cli`` is the door. Nothing reaches back.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("atlaslens-forwarder")
except PackageNotFoundError:  # running from a source tree that was never installed
    __version__ = "0+unknown"

__all__ = ["__version__"]
