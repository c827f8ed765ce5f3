"""The page of all actions, written from the table.

``python -m atlaslens_forwarder.normalise.docs > docs/actions.md`` writes it anew.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from atlaslens_forwarder.normalise.actions.activity import ACTIVITY_ACTIONS
from atlaslens_forwarder.normalise.actions.table import WORDINGS
from atlaslens_forwarder.normalise.actions.vocabulary import UNCLASSIFIED

if TYPE_CHECKING:
    from atlaslens_forwarder.normalise.actions.vocabulary import Action

_TITLES = {
    "jira": "Jira",
    "jsm": "Jira Service Management",
    "confluence": "Confluence",
    "bitbucket": "Bitbucket",
    "organisation": "Organisation",
}

_HEAD = """\
# Actions

<!-- Written by `python -m atlaslens_forwarder.normalise.docs`; a test fails when it differs. -->

`event.action` has one value for one deed, whichever words a product uses for it. The audit APIs give no
stable code, only the words of the log in English (`summary`, kept in `atlassian.summary`), so one table
maps words to actions. Case and white space do not matter. Jira renamed issues to work items, issue types
to work types and projects to spaces in its interface: both wordings match.

Some words are recorded in published audit rows or listed in Atlassian's documentation; the modules in
`atlaslens_forwarder/normalise/actions/` name the sources, and
`tests/unit/normalise/recorded_summaries.json` lists each of them. The others are formed by the same
pattern ("Workflow deleted" beside "Workflow removed"), so that a variant is not missed.

## What each column means

- **permission change** (`atlassian.permission_change`): the recorded change alters who may see or do
  something: a grant to or taken from a person, a group, a role, guests or everybody; membership in a
  group or role; a scheme, role or security level that carries grants, and which project uses it.
  Creating or deactivating an account, installing an app or changing a setting is none: such events have
  their own category and sensitivity. The table alone decides. Nothing is inferred from changed values,
  and an unknown summary is never a permission change, even if it has "permission" in it: it is
  `unclassified` and counted.
- **sensitivity** (`atlassian.sensitivity`): `high` moves access, data or trust; `medium` is worth a look
  in a review; `low` is everyday configuration.
- **OCSF**: the nearest class of the Open Cybersecurity Schema Framework.

## What the table does not know

`unclassified`: category `configuration`, type `info`, sensitivity `medium`. The event is stored like any
other, with the vendor's words in `atlassian.summary` and `atlassian.category`, and is counted, so that a
new wording shows up.

## Who acted: `atlassian.actor_kind`

| Value | Meaning |
|---|---|
| `person` | an account is named |
| `app` | an account is named and the API calls it an app (Confluence `accountType`; Jira does not say) |
| `customer` | a help-centre account without an Atlassian account (its id begins with `qm:`) |
| `system` | nobody is named: directory synchronisation, automatic jobs |
| `anonymous` | not signed in: nobody is named, yet an address is (Jira); author "Anonymous" (Confluence) |
| `unidentified` | only a name without account (Confluence); who may post audit records can write any |
| `unknown` | somebody: found by comparing two states, which do not tell who made the difference |

A row of Jira's log belongs to `atlassian.product` `jsm` if its words are in the second list below, if an
unknown summary has words of that product in it, if a changed project type is a service project's, or if
the affected user is a help-centre customer.
"""


def actions_page() -> str:
    """The whole text of ``docs/actions.md``."""
    parts = [_HEAD]
    for product, wordings in WORDINGS.items():
        words: dict[Action, list[str]] = {}
        for wording in wordings:
            words.setdefault(wording.action, []).extend(wording.summaries)
        parts.append(_section(_TITLES[product], words))
    for product, actions in ACTIVITY_ACTIONS.items():
        parts.append(_section(f"{_TITLES[product]}: activity", {action: [] for action in actions}))
    parts.append(_section("Everything else", {UNCLASSIFIED: ["any other"]}))
    return "\n".join(parts)


def _section(title: str, words: dict[Action, list[str]]) -> str:
    lines = [
        f"## {title}",
        "",
        "| Action | Category | Type | Object | Permission change | Sensitivity | OCSF | Summaries |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for action, summaries in sorted(words.items(), key=lambda item: item[0].name):
        cells = (
            f"`{action.name}`",
            ", ".join(action.category),
            ", ".join(action.type),
            action.object_type,
            "yes" if action.permission_change else "",
            action.sensitivity.value,
            str(action.ocsf_class),
            " · ".join(dict.fromkeys(summaries)),
        )
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(actions_page())
