"""A stand-in for Atlassian Cloud: an HTTP server that behaves as the real one does, faults included.

It shares no code with the sources and normalisers it is there to test; its truth is its own.
"""

from __future__ import annotations

from atlaslens_forwarder.simulator.auth import Credentials
from atlaslens_forwarder.simulator.faults import EVERYWHERE, FaultPlan
from atlaslens_forwarder.simulator.server import Simulator, serve
from atlaslens_forwarder.simulator.site import TruthRow
from atlaslens_forwarder.simulator.world.people import Person
from atlaslens_forwarder.simulator.world.spec import CONFLUENCE_AUDIT, JIRA_AUDIT, WorldSpec

__all__ = [
    "CONFLUENCE_AUDIT",
    "EVERYWHERE",
    "JIRA_AUDIT",
    "Credentials",
    "FaultPlan",
    "Person",
    "Simulator",
    "TruthRow",
    "WorldSpec",
    "serve",
]
