"""The columns of a CSV export: fixed, in this order, one row for each event. Pure.

The CSV is the form for people; whole events are in ``events.jsonl``. A cell is the text of the field at its
path; several values are joined by ``"; "``, absent ones give an empty cell.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.evidence.fields import ID_PATH, TIME_PATH, texts_at
from atlaslens_forwarder.evidence.filters import ACTION_PATH, PRODUCT_PATH

if TYPE_CHECKING:
    from collections.abc import Mapping

    from atlaslens_forwarder.model.json import JsonObject

SEPARATOR = "; "

COLUMNS: Mapping[str, str] = {
    "time": TIME_PATH,
    **{
        path: path
        for path in (
            PRODUCT_PATH,
            "atlassian.site",
            ACTION_PATH,
            "user.id",
            "user.full_name",
            "user.target.id",
            "user.target.full_name",
            "user.target.name",
            "group.id",
            "group.name",
            "source.ip",
            "atlassian.object.type",
            "atlassian.object.id",
            "atlassian.object.key",
            "atlassian.object.name",
            "atlassian.object.container",
            "atlassian.change_summary",
            "atlassian.permission_change",
            "atlassian.sensitivity",
            "message",
            "atlassian.category",
            "atlassian.summary",
            "event.category",
            "event.type",
            "event.outcome",
            "event.dataset",
            "event.url",
            "event.ingested",
            "atlassian.late",
            "atlassian.backfilled",
            "atlassian.pipeline",
            "organization.id",
            ID_PATH,
            "event.hash",
            "user.email_blind",
            "user.target.email_blind",
            "atlassian.author_key",
            "atlassian.author.id",
            "atlassian.author.email_blind",
            "atlassian.committer.id",
            "atlassian.committer.email_blind",
            "atlassian.person_blind",
        )
    },
}
"""Header → path in the event. ``time`` is ``@timestamp``, which a spreadsheet could take for a formula."""


def cells_of(event: JsonObject) -> list[str]:
    """The cells of one event, in the order of ``COLUMNS``.

    Raises:
        ValueError: a value has no canonical form.
    """
    return [SEPARATOR.join(texts_at(event, path)) for path in COLUMNS.values()]
