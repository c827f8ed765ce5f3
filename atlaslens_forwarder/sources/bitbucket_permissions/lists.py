"""The lists that tell who may do what in a Bitbucket workspace, as entries to remember.

Source: developer.atlassian.com/cloud/bitbucket/rest ("Workspaces", "Repositories", "Branch restrictions").
``/permissions`` names every member with the permission, so ``/members``, which names them without it, is not
asked: somebody who joins between two lists would look as if the permission had changed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import quote

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.access import Api
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.bitbucket.paging import pages
from atlaslens_forwarder.sources.listings import Entry, read_listing

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from atlaslens_forwarder.http.client import AtlassianClient
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.sources.listings import Listing
    from atlaslens_forwarder.sources.snapshots import Snapshot

MEMBER: Final = "member:"
REPOSITORY: Final = "repository:"
_PAGE_ROWS: Final = 100
_BETWEEN: Final = "|"
_RULE_TEXTS: Final = ("kind", "branch_match_kind", "branch_type", "pattern")


@dataclass(frozen=True, slots=True)
class Workspace:
    """A workspace; the uuid lasts."""

    uuid: str
    slug: str

    def to_json(self) -> JsonObject:
        """The form that rows hold."""
        return {"uuid": self.uuid, "slug": self.slug}


class PermissionLists:
    """Asks for the lists; each raises ``SourceError`` when it cannot be read to its end."""

    def __init__(self, client: AtlassianClient) -> None:
        self._client = client

    async def probe(self, workspace: str) -> None:
        """Return when this account may see a workspace's permissions."""
        path = f"{_workspace(workspace)}/permissions"
        await self._client.get(Api.BITBUCKET, path, {"pagelen": 1}, endpoint="bitbucket-permissions")

    async def workspace(self, name: str) -> Workspace:
        """The workspace that the settings call so."""
        answer = await self._client.get(Api.BITBUCKET, _workspace(name), {}, endpoint="bitbucket-workspace")
        found = answer.value if isinstance(answer.value, dict) else {}
        uuid = _text(found, "uuid")
        if not uuid:
            raise FormatError("a Bitbucket workspace has no uuid", status=SourceStatus.UNREADABLE)
        return Workspace(uuid, _text(found, "slug") or name)

    async def members(self, workspace: Workspace, before: Snapshot | None) -> Listing:
        """Everybody who belongs to a workspace or to a repository in it, by ``member:{uuid}``."""
        path = f"{_workspace(workspace.uuid)}/permissions"
        return await self._list(path, "bitbucket-permissions", _member, before)

    async def grants(self, workspace: Workspace, before: Snapshot | None) -> Listing:
        """What everybody may do in every repository, by :func:`grant_key`."""
        path = f"{_workspace(workspace.uuid)}/permissions/repositories"
        return await self._list(path, "bitbucket-repository-permissions", _grant, before)

    async def repositories(self, workspace: Workspace, before: Snapshot | None) -> Listing:
        """The repositories of a workspace, by ``repository:{uuid}``."""
        path = f"/2.0/repositories/{quote(workspace.uuid, safe='')}"
        return await self._list(path, "bitbucket-repositories", _repository, before)

    async def restrictions(self, workspace: Workspace, repository: str, before: Snapshot | None) -> Listing:
        """The branch restrictions of a repository, by id."""
        path = f"{_repository_path(workspace, repository)}/branch-restrictions"
        return await self._list(path, "bitbucket-branch-restrictions", _restriction, before)

    async def is_gone(self, workspace: Workspace, repository: str) -> bool:
        """Whether a repository that is not listed any more is not found when asked for either."""
        path = _repository_path(workspace, repository)
        try:
            await self._client.get(Api.BITBUCKET, path, {}, endpoint="bitbucket-repository")
        except NotFoundError:
            return True
        except AccessError as error:
            if error.status is not SourceStatus.NO_PERMISSION:
                raise
        return False

    async def _list(
        self,
        path: str,
        endpoint: str,
        entry_of: Callable[[JsonObject], Entry | None],
        before: Snapshot | None,
    ) -> Listing:
        def begin() -> AsyncIterator[list[JsonObject]]:
            return pages(self._client, path, {"pagelen": _PAGE_ROWS}, endpoint=endpoint)

        return await read_listing(begin, entry_of, before)


def grant_key(repository: str, subject: str) -> str:
    """The key of a permission in the list of all repositories' permissions."""
    return f"{repository}{_BETWEEN}{subject}"


def by_repository(entries: Snapshot) -> dict[str, dict[str, JsonObject]]:
    """All permissions of a workspace, by uuid of the repository and by subject."""
    found: dict[str, dict[str, JsonObject]] = {}
    for key, value in entries.items():
        repository, _, subject = key.partition(_BETWEEN)
        found.setdefault(repository, {})[subject] = value
    return found


def _workspace(name: str) -> str:
    return f"/2.0/workspaces/{quote(name, safe='')}"


def _repository_path(workspace: Workspace, repository: str) -> str:
    return f"/2.0/repositories/{quote(workspace.uuid, safe='')}/{quote(repository, safe='')}"


def _text(source: JsonObject, key: str) -> str:
    value = source.get(key)
    return value if isinstance(value, str) else ""


def _object(source: JsonObject, key: str) -> JsonObject:
    value = source.get(key)
    return value if isinstance(value, dict) else {}


def _member(row: JsonObject) -> Entry | None:
    user, permission = _object(row, "user"), _text(row, "permission")
    uuid = _text(user, "uuid")
    if not uuid or not permission:
        return None
    value: JsonObject = {"account_id": _text(user, "account_id"), "permission": permission}
    return Entry(f"{MEMBER}{uuid}", value, uuid, _text(user, "display_name"))


def _grant(row: JsonObject) -> Entry | None:
    """A permission of a user, or of a group where the list names one."""
    repository, permission = _text(_object(row, "repository"), "uuid"), _text(row, "permission")
    user, group = _object(row, "user"), _object(row, "group")
    if not repository or not permission:
        return None
    if uuid := _text(user, "uuid"):
        value: JsonObject = {"account_id": _text(user, "account_id"), "permission": permission}
        return Entry(grant_key(repository, f"user:{uuid}"), value, uuid, _text(user, "display_name"))
    if slug := _text(group, "slug"):
        return Entry(
            grant_key(repository, f"group:{slug}"), {"permission": permission}, slug, _text(group, "name")
        )
    return None


def _repository(row: JsonObject) -> Entry | None:
    uuid, slug = _text(row, "uuid"), _text(row, "slug") or _text(row, "full_name").rpartition("/")[2]
    if not uuid:
        return None
    return Entry(f"{REPOSITORY}{uuid}", {"slug": slug, "name": _text(row, "name")})


def _restriction(row: JsonObject) -> Entry | None:
    number = row.get("id")
    if isinstance(number, bool) or not isinstance(number, int):
        return None
    value: JsonObject = {name: text for name in _RULE_TEXTS if (text := _text(row, name))}
    amount = row.get("value")
    if isinstance(amount, int) and not isinstance(amount, bool):
        value["value"] = amount
    value["users"] = _ids(row.get("users"), "account_id", "uuid")
    value["groups"] = _ids(row.get("groups"), "slug", "uuid")
    return Entry(str(number), value)


def _ids(rows: JsonValue, *names: str) -> list[JsonValue]:
    """Who is exempt from a restriction, in an order of its own: the list's order means nothing."""
    ids = {
        next((found for name in names if (found := _text(row, name))), "")
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict)
    }
    return [*sorted(ids - {""})]
