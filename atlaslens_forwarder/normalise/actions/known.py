"""The closed vocabularies by name, for whoever filters events."""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.table import CONFLUENCE, JIRA, JSM, WORDINGS
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED

PRODUCTS = (JIRA, JSM, CONFLUENCE)
"""Values of ``atlassian.product``."""

ACTION_NAMES = tuple(
    sorted(
        {wording.action.name for wordings in WORDINGS.values() for wording in wordings} | {UNCLASSIFIED.name}
    )
)
"""Values of ``event.action``."""
