"""The options that say which events a command is about, as ``make_filter`` takes them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from atlaslens_forwarder.evidence.filters import SENSITIVITIES, View

if TYPE_CHECKING:
    from collections.abc import Callable

Function = TypeVar("Function", bound="Callable[..., Any]")

_MULTIPLE: Final = (
    ("--user", "users", "Only this person, under all ids: account id, exact name, Bitbucket uuid or e-mail."),
    ("--group", "groups", "Only members of this group: name or id."),
    ("--action", "actions", "Only this action, see docs/actions.md."),
    ("--product", "products", "Only this product: jira, jsm, confluence, bitbucket."),
    ("--site", "sites", "Only this site, by the name it has in events."),
    ("--object", "objects", "Only this object: id, key, name, or its project, space or repository."),
    ("--ip", "ips", "Only this source address."),
    ("--sensitivity", "sensitivities", f"Only events of this sensitivity: {', '.join(SENSITIVITIES)}."),
)


def filter_options(function: Function) -> Function:
    """View, interval, and every way to narrow them; lists may be repeated."""
    function = click.option("--permission-changes", is_flag=True, help="Only changes of who may do what.")(
        function
    )
    for option, name, text in reversed(_MULTIPLE):
        function = click.option(option, name, multiple=True, help=text)(function)
    function = click.option(
        "--to", "to_text", required=True, help="Its end; a bare date includes that whole day."
    )(function)
    function = click.option(
        "--from", "from_text", required=True, help="First UTC date or time of the interval."
    )(function)
    return click.option(
        "--view", default=View.SECURITY.value, show_default=True, help=f"One of: {', '.join(View)}."
    )(function)
