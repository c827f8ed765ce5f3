"""The actions of activity sources, which have no words to be found by: their normalisers name them.

A product's actions stand in modules of their own; a line here puts them into the closed vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actions import code_access, desk_access, jsm_desk, organisation, work
from atlaslens_forwarder.normalise.actions.code import CODE_ACTIONS
from atlaslens_forwarder.normalise.actions.content import CONTENT_ACTIONS

if TYPE_CHECKING:
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

ACTIVITY_ACTIONS: dict[str, tuple[Action, ...]] = {
    "jira": work.ACTIONS,  # those of Jira Service Management too
    "jsm": (*jsm_desk.ACTIONS, *desk_access.ACTIONS),
    "confluence": CONTENT_ACTIONS,
    "bitbucket": (*CODE_ACTIONS, *code_access.ACTIONS),
    "organisation": organisation.ACTIONS,
}
"""Actions by product, in the order of the page ``docs/actions.md``."""
