"""Finding the action for the words of a row: a dictionary look-up, remembered for words seen before."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actions import (
    administration,
    confluence,
    jira_access,
    jira_configuration,
    jira_projects,
    jsm,
    people,
)
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED, Action, Wording

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

JIRA = "jira"
JSM = "jsm"
CONFLUENCE = "confluence"

WORDINGS: dict[str, tuple[Wording, ...]] = {
    JIRA: (
        *jira_access.WORDINGS,
        *jira_projects.WORDINGS,
        *jira_configuration.WORDINGS,
        *people.WORDINGS,
        *administration.WORDINGS,
    ),
    JSM: jsm.WORDINGS,
    CONFLUENCE: (*confluence.WORDINGS, *people.WORDINGS, *administration.WORDINGS),
}
"""What each product says; of two equal wordings the first holds."""

_RENAMED = (("work item", "issue"), ("work type", "issue type"), ("space", "project"))
"""Words that Jira's interface replaced in 2025 (issue, issue type, project); a row may be worded either
way."""


@dataclass(frozen=True, slots=True)
class Match:
    """The action of a row and the product that its words belong to."""

    action: Action
    product: str


def fold(words: str) -> str:
    """``words`` without differences of case and white space."""
    return " ".join(words.split()).casefold()


def _index(wordings: Iterable[Wording]) -> dict[tuple[str, str], Action]:
    index: dict[tuple[str, str], Action] = {}
    for wording in wordings:
        for summary in wording.summaries:
            index.setdefault((fold(summary), fold(wording.category)), wording.action)
    return index


_INDEX = {product: _index(wordings) for product, wordings in WORDINGS.items()}


def _find(index: Mapping[tuple[str, str], Action], summary: str, category: str) -> Action | None:
    return index.get((summary, category)) or index.get((summary, ""))


@lru_cache(maxsize=4096)
def jira_match(category: str, summary: str) -> Match:
    """The action of a row of Jira's audit log; Jira Service Management writes into the same log.

    Its ``eventSource`` is empty in recorded rows, so the words alone tell the two apart.
    """
    folded, folded_category = fold(summary), fold(category)
    older = folded
    for new, old in _RENAMED:
        older = older.replace(new, old)
    for words in dict.fromkeys((folded, older)):
        for product in (JIRA, JSM):
            if action := _find(_INDEX[product], words, folded_category):
                return Match(action, product)
    return Match(UNCLASSIFIED, JSM if any(word in folded for word in jsm.TELLING_WORDS) else JIRA)


@lru_cache(maxsize=4096)
def confluence_match(category: str, summary: str) -> Match:
    """The action of a row of Confluence's audit log."""
    return Match(_find(_INDEX[CONFLUENCE], fold(summary), fold(category)) or UNCLASSIFIED, CONFLUENCE)
