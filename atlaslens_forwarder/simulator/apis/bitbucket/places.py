"""Who is asking, workspaces, members and permissions, repositories, branches and their restrictions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.bitbucket import views
from atlaslens_forwarder.simulator.apis.bitbucket.paging import (
    Field,
    Row,
    length_of,
    listed,
    numbered,
    time_us,
)
from atlaslens_forwarder.simulator.apis.bitbucket.part import BitbucketPart
from atlaslens_forwarder.simulator.calls import Answer, Call, Product
from atlaslens_forwarder.simulator.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.code.records import Repository, Workspace

_REPOSITORY_FIELDS: Final = ("created_on", "updated_on", "name", "slug", "full_name", "uuid")
_BRANCH_FIELDS: Final = ("name",)
_GRANT_FIELDS: Final = ("permission",)


def in_workspace(
    handle: Callable[[Site, Call, BitbucketPart, Workspace], Answer], *, is_admin: bool = False
) -> Callable[[Site, Call], Answer]:
    """A handler of the workspace in the path; 404 where there is none, 403 where it takes an admin."""

    def answer(site: Site, call: Call) -> Answer:
        part = site.part(BitbucketPart)
        name = call.names["workspace"]
        workspace = part.workspace(name)
        if workspace is None:
            return refusal(Product.BITBUCKET, 404, f"No workspace with identifier '{name}'.")
        if is_admin and site.faults.bitbucket_no_admin:
            return refusal(Product.BITBUCKET, 403, "Access denied. You must be a workspace admin.")
        return handle(site, call, part, workspace)

    return answer


def in_repository(
    handle: Callable[[Site, Call, BitbucketPart, Repository], Answer], *, is_admin: bool = False
) -> Callable[[Site, Call], Answer]:
    """A handler of the repository in the path; 404 where there is none any more."""

    def answer(site: Site, call: Call) -> Answer:
        part, names = site.part(BitbucketPart), call.names
        repository = part.repository(names["workspace"], names["repository"])
        if repository is None:
            message = f"Repository {names['workspace']}/{names['repository']} not found"
            return refusal(Product.BITBUCKET, 404, message)
        if is_admin and site.faults.bitbucket_no_admin:
            return refusal(Product.BITBUCKET, 403, "Access denied. You must have admin access.")
        return handle(site, call, part, repository)

    return answer


def get_user(site: Site, call: Call) -> Answer:
    """The account of the credential."""
    del call
    return Answer(200, views.write_user(site, site.world.people.collector))


def get_workspaces(site: Site, call: Call) -> Answer:
    """The workspaces the account belongs to, in a sparse form."""
    values: list[JsonValue] = []
    for workspace in site.part(BitbucketPart).forge.workspaces:
        links: JsonObject = {"self": views.link(site, f"/workspaces/{workspace.slug}")}
        values.append(
            {
                "type": "workspace_access",
                "administrator": not site.faults.bitbucket_no_admin,
                "workspace": {
                    "type": "workspace_base",
                    "uuid": workspace.uuid,
                    "slug": workspace.slug,
                    "links": links,
                },
            }
        )
    return numbered(site, call, "/user/workspaces", values, length_of(site, call))


def get_workspace(site: Site, call: Call, part: BitbucketPart, workspace: Workspace) -> Answer:
    """One workspace."""
    del call, part
    return Answer(200, views.write_workspace(site, workspace), rows=1)


def get_repositories(site: Site, call: Call, part: BitbucketPart, workspace: Workspace) -> Answer:
    """The repositories of a workspace; in the order of creation unless ``sort`` says otherwise."""
    part.page_asked()
    rows: list[Row] = []
    for repository in workspace.living():
        fields: dict[str, Field] = {
            "created_on": repository.created_us,
            "updated_on": repository.updated_us,
            "name": repository.name,
            "slug": repository.slug,
            "full_name": repository.full_name,
            "uuid": repository.uuid,
        }
        rows.append((fields, views.write_repository(site, repository)))
    return listed(site, call, f"/repositories/{workspace.slug}", rows, fields=_REPOSITORY_FIELDS)


def get_repository(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """One repository."""
    del call, part
    return Answer(200, views.write_repository(site, repository), rows=1)


def get_branches(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """Branches with their heads, by name."""
    part.page_asked()
    path = f"/repositories/{repository.full_name}"
    rows: list[Row] = []
    for name, head in sorted(repository.branches.items()):
        target = views.write_commit(site, repository, repository.commits[head])
        links: JsonObject = {"self": views.link(site, f"{path}/refs/branches/{name}")}
        row: JsonObject = {"type": "branch", "name": name, "target": target, "links": links}
        rows.append(({"name": name}, row))
    return listed(site, call, f"{path}/refs/branches", rows, fields=_BRANCH_FIELDS)


def get_rules(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """The branch restrictions of a repository; takes an administrator."""
    part.page_asked()
    values: list[JsonValue] = [views.write_rule(site, repository, rule) for rule in repository.rules]
    path = f"/repositories/{repository.full_name}/branch-restrictions"
    return numbered(site, call, path, values, length_of(site, call))


def _membership(site: Site, workspace: Workspace, account_id: str) -> JsonObject | None:
    person = site.world.people.of(account_id)
    if person is None:
        return None
    user = views.write_user(site, person)
    path = f"/workspaces/{workspace.slug}/members/{user['uuid']}"
    return {
        "type": "workspace_membership",
        "user": user,
        "workspace": views.write_workspace(site, workspace),
        "links": {"self": views.link(site, path)},
    }


def get_members(site: Site, call: Call, part: BitbucketPart, workspace: Workspace) -> Answer:
    """Who belongs to a workspace; who left is simply not there."""
    part.page_asked()
    values: list[JsonValue] = [_membership(site, workspace, one) for one in sorted(workspace.permissions)]
    return numbered(site, call, f"/workspaces/{workspace.slug}/members", values, length_of(site, call))


def get_permissions(site: Site, call: Call, part: BitbucketPart, workspace: Workspace) -> Answer:
    """What members may do in a workspace; takes an administrator."""
    part.page_asked()
    rows: list[Row] = []
    for account_id, permission in sorted(workspace.permissions.items()):
        membership = _membership(site, workspace, account_id) or {}
        added_on = time_us(workspace.created_us)
        rows.append(
            ({"permission": permission}, {**membership, "permission": permission, "added_on": added_on})
        )
    return listed(site, call, f"/workspaces/{workspace.slug}/permissions", rows, fields=_GRANT_FIELDS)


def get_repository_permissions(site: Site, call: Call, part: BitbucketPart, workspace: Workspace) -> Answer:
    """What everybody may do in every repository of a workspace; takes an administrator."""
    part.page_asked()
    rows: list[Row] = []
    for repository in workspace.living():
        for account_id, permission in sorted(repository.permissions.items()):
            person = site.world.people.of(account_id)
            if person is not None:
                row: JsonObject = {
                    "type": "repository_permission",
                    "permission": permission,
                    "user": views.write_user(site, person),
                    "repository": views.write_repository_name(site, repository),
                }
                rows.append(({"permission": permission}, row))
    return listed(
        site, call, f"/workspaces/{workspace.slug}/permissions/repositories", rows, fields=_GRANT_FIELDS
    )
