"""Differences between two looks as rows: all that the normaliser needs, as it is remembered. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from atlaslens_forwarder.model.digest import digest_hex
from atlaslens_forwarder.model.event import RawRow
from atlaslens_forwarder.sources.bitbucket_permissions.lists import MEMBER, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.sources.bitbucket_permissions.lists import Workspace
    from atlaslens_forwarder.sources.snapshots import Deed

WORKSPACE_SCOPE = "workspace"
REPOSITORY_SCOPE = "repository"
RESTRICTION_SCOPE = "branch-restriction"
LIFE_SCOPE = "repository-life"


def workspace_rows(
    workspace: Workspace, deeds: Iterable[Deed], names: Mapping[str, str], looked_at_ms: int
) -> list[RawRow]:
    """Members who came, left or have another permission; repositories that came, went or were renamed."""
    rows: list[RawRow] = []
    for deed in deeds:
        data = _data(deed, workspace, looked_at_ms)
        if deed.key.startswith(MEMBER):
            data |= {"scope": WORKSPACE_SCOPE, "user": _user(deed.key.removeprefix(MEMBER), deed, names)}
            place = workspace.uuid
        else:
            place = deed.key.removeprefix(REPOSITORY)
            repository: JsonObject = {"uuid": place, **(deed.after or deed.before or {})}
            data |= {"scope": LIFE_SCOPE, "repository": repository}
        rows.append(_row(place, data, looked_at_ms))
    return rows


def grant_rows(
    workspace: Workspace,
    repository: JsonObject,
    deeds: Iterable[Deed],
    names: Mapping[str, str],
    looked_at_ms: int,
) -> list[RawRow]:
    """Permissions in a repository that were given, changed or taken."""
    rows: list[RawRow] = []
    for deed in deeds:
        data = _data(deed, workspace, looked_at_ms) | {"scope": REPOSITORY_SCOPE, "repository": repository}
        kind, _, subject = deed.key.partition(":")
        if kind == "user":
            data["user"] = _user(subject, deed, names)
        else:
            group: JsonObject = {"slug": subject}
            if subject in names:
                group["name"] = names[subject]
            data["group"] = group
        rows.append(_row(str(repository["uuid"]), data, looked_at_ms))
    return rows


def restriction_rows(
    workspace: Workspace, repository: JsonObject, deeds: Iterable[Deed], looked_at_ms: int
) -> list[RawRow]:
    """Branch restrictions that were added, changed or removed."""
    return [
        _row(
            str(repository["uuid"]),
            _data(deed, workspace, looked_at_ms) | {"scope": RESTRICTION_SCOPE, "repository": repository},
            looked_at_ms,
        )
        for deed in deeds
    ]


def _data(deed: Deed, workspace: Workspace, looked_at_ms: int) -> JsonObject:
    return {
        "subject": deed.key,
        "before": deed.before,
        "after": deed.after,
        "looked_at_ms": looked_at_ms,
        "workspace": workspace.to_json(),
    }


def _user(uuid: str, deed: Deed, names: Mapping[str, str]) -> JsonObject:
    """The affected person; who left the list altogether has no name there, and names are not remembered."""
    user: JsonObject = {"uuid": uuid}
    account_id = (deed.after or deed.before or {}).get("account_id")
    if account_id:
        user["account_id"] = account_id
    if uuid in names:
        user["display_name"] = names[uuid]
    return user


def _row(place: str, data: JsonObject, looked_at_ms: int) -> RawRow:
    parts = [data["scope"], data["subject"], data["before"], data["after"], looked_at_ms]
    return RawRow(data, f"{place}:{digest_hex(parts)}", looked_at_ms)
