"""How often Python looks for cyclic garbage.

An event is some thirty small objects, none of which is part of a cycle: by default the collector would start
every couple of dozen events and find nothing. That is about a sixth of the forwarder's processor time (see
``docs/performance.md``). Memory does not wait for it, since reference counting frees events at once.
"""

from __future__ import annotations

import gc

YOUNG_OBJECTS = 50_000
"""New objects between two collections: about 1,500 events, a few megabytes at most."""


def collect_rarely() -> None:
    """Set the collector for this process; what is loaded already is not looked at again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 20, 20)
