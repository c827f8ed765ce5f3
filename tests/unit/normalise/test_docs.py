"""The pages on actions and fields say what code and templates say."""

from __future__ import annotations

import re
from pathlib import Path

from atlaslens_forwarder.normalise.actors import ActorKind
from atlaslens_forwarder.normalise.docs import actions_page
from tests.unit.normalise.templates import event_fields

DOCS = Path(__file__).resolve().parents[3] / "docs"


def test_the_page_of_actions_is_up_to_date():
    written = (DOCS / "actions.md").read_text(encoding="utf-8")
    assert written == actions_page(), "run: python -m atlaslens_forwarder.normalise.docs > docs/actions.md"


def test_the_page_of_actions_explains_every_kind_of_actor():
    assert all(f"| `{kind}` |" in actions_page() for kind in ActorKind)


def test_the_page_of_fields_lists_exactly_the_mapped_fields_with_their_types():
    page = (DOCS / "fields.md").read_text(encoding="utf-8")
    listed = dict(re.findall(r"^\| `([^`]+)` \| (\w+) \| (?:ECS|own) \| .+ \|$", page, re.MULTILINE))
    assert listed == event_fields()
