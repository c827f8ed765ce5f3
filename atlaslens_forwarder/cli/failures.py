"""What is printed of a failure: without any secret that the command has read by then."""

from __future__ import annotations

import traceback
from typing import TYPE_CHECKING

import click

from atlaslens_forwarder.telemetry.redaction import Redactor

if TYPE_CHECKING:
    from collections.abc import Iterable

    from atlaslens_forwarder.errors import AtlaslensError


class Failures:
    """Prints how one run of the program failed; carried by click's context, as commands read the settings."""

    def __init__(self) -> None:
        self._redactor = Redactor(())

    def must_not_show(self, texts: Iterable[str]) -> None:
        """From now on these are left out, in every form that the redactor knows."""
        self._redactor = Redactor(texts)

    def print_line(self, error: AtlaslensError) -> None:
        """What happened and what to do, as one line on stderr."""
        click.echo(f"error: {self._redactor.text(error.one_line())}", err=True)

    def print_traceback(self, error: Exception) -> None:
        """Where a defect of ours struck; frames show no local variables."""
        click.echo(self._redactor.text("".join(traceback.format_exception(error))), err=True, nl=False)


def must_not_show(texts: Iterable[str]) -> None:
    """Tell the running program's :class:`Failures`, if there is one."""
    context = click.get_current_context(silent=True)
    failures = context.find_object(Failures) if context else None
    if failures is not None:
        failures.must_not_show(texts)
