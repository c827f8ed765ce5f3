"""Every panel and every saved search, on a small world of all products."""

from __future__ import annotations

import os
from pathlib import Path

from atlaslens_forwarder.views.render.page import page
from tests.integration.views.world import fill


async def test_probe(world):
    facts, shown = await fill(world)
    for view in shown:
        for each in view.panels:
            print(each.panel.id, "|", str(each.content)[:230], "|", each.missing[:60])
    if os.environ.get("PAGE"):
        Path(os.environ["PAGE"]).write_text(page(facts, shown))
