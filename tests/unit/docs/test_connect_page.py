"""docs/connect.md holds the table of needs that ``connect`` speaks from."""

from __future__ import annotations

import re
from pathlib import Path

from atlaslens_forwarder.sources.needs import ALL_NEEDS

PAGE = Path(__file__).resolve().parents[3] / "docs" / "connect.md"


def test_the_table_of_needs_is_that_of_the_code():
    text = PAGE.read_text(encoding="utf-8").split("## What sources need", 1)[1]
    rows = re.findall(r"^\| `(.+?)` \| (.+?) \| (.+?) \| (.+?) \|$", text, flags=re.MULTILINE)

    assert {name: (permission, scopes.replace("`", ""), plan) for name, permission, scopes, plan in rows} == {
        name: (needs.permission, " ".join(needs.scopes), needs.plan) for name, needs in ALL_NEEDS.items()
    }
