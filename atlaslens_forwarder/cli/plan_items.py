"""Shows the items of a plan: as lines, and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.provision.plan import Action

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlaslens_forwarder.model.json import JsonValue
    from atlaslens_forwarder.provision.plan import PlanItem


def print_items(items: Sequence[PlanItem], what: str) -> None:
    """One line for each item that is not as it should be, its differences, then the count."""
    for item in items:
        if item.action is Action.UNCHANGED:
            continue
        detail = f": {item.detail}" if item.detail else ""
        click.echo(f"{item.action.value:<12} {item.kind.value} {item.name}{detail}")
        for line in item.diff:
            click.echo(f"             {line}")
    unchanged = sum(item.action is Action.UNCHANGED for item in items)
    click.echo(f"{unchanged} of {len(items)} {what} are as they should be")


def items_json(items: Sequence[PlanItem]) -> list[JsonValue]:
    """The items without what would be sent."""
    return [
        {
            "kind": item.kind.value,
            "name": item.name,
            "action": item.action.value,
            "detail": item.detail,
            "diff": list(item.diff),
        }
        for item in items
    ]
