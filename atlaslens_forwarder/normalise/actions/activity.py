"""The actions of activity sources, which have no words to be found by: their normalisers name them.

A product's actions stand in a module of their own; its line here puts them into the closed vocabulary.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actions.content import CONTENT_ACTIONS

if TYPE_CHECKING:
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

ACTIVITY_ACTIONS: dict[str, tuple[Action, ...]] = {
    "confluence": CONTENT_ACTIONS,
}
"""Actions by product, in the order of the page ``docs/actions.md``."""
