"""The closed vocabularies by name, for whoever filters events."""

from __future__ import annotations

from atlaslens_forwarder.normalise.actions.activity import ACTIVITY_ACTIONS
from atlaslens_forwarder.normalise.actions.table import CONFLUENCE, JIRA, JSM, WORDINGS
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED

BITBUCKET = "bitbucket"
ORGANISATION = "organisation"

PRODUCTS = (JIRA, JSM, CONFLUENCE, BITBUCKET, ORGANISATION)
"""Values of ``atlassian.product``."""

ACTION_NAMES = tuple(
    sorted(
        {wording.action.name for wordings in WORDINGS.values() for wording in wordings}
        | {action.name for actions in ACTIVITY_ACTIONS.values() for action in actions}
        | {UNCLASSIFIED.name}
    )
)
"""Values of ``event.action``."""
