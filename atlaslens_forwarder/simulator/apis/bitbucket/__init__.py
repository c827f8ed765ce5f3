"""The Bitbucket Cloud REST API 2.0, under ``/2.0`` of the simulator's port."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.bitbucket import commits, places, pulls
from atlaslens_forwarder.simulator.apis.bitbucket.paging import BadRequestError, refused
from atlaslens_forwarder.simulator.apis.bitbucket.part import BitbucketPart
from atlaslens_forwarder.simulator.apis.bitbucket.places import in_repository, in_workspace
from atlaslens_forwarder.simulator.calls import Answer, Api, Call, Need, Product, Route

if TYPE_CHECKING:
    from collections.abc import Callable

    from atlaslens_forwarder.simulator.site import Site

_WORKSPACE: Final = "/workspaces/{workspace}"
_REPOSITORY: Final = "/repositories/{workspace}/{repository}"


def _route(path: str, handle: Callable[[Site, Call], Answer], methods: tuple[str, ...] = ("GET",)) -> Route:
    def answer(site: Site, call: Call) -> Answer:
        try:
            return handle(site, call)
        except BadRequestError as error:
            return refused(error)

    return Route(Product.BITBUCKET, f"/2.0{path}", answer, Need.PERSON, methods=methods)


API: Final = Api(
    routes=(
        _route("/user", places.get_user),
        _route("/user/workspaces", places.get_workspaces),
        _route(_WORKSPACE, in_workspace(places.get_workspace)),
        _route(f"{_WORKSPACE}/members", in_workspace(places.get_members)),
        _route(f"{_WORKSPACE}/permissions", in_workspace(places.get_permissions, is_admin=True)),
        _route(
            f"{_WORKSPACE}/permissions/repositories",
            in_workspace(places.get_repository_permissions, is_admin=True),
        ),
        _route("/repositories/{workspace}", in_workspace(places.get_repositories)),
        _route(_REPOSITORY, in_repository(places.get_repository)),
        _route(f"{_REPOSITORY}/refs/branches", in_repository(places.get_branches)),
        _route(f"{_REPOSITORY}/branch-restrictions", in_repository(places.get_rules, is_admin=True)),
        _route(f"{_REPOSITORY}/commits", in_repository(commits.get_commits), ("GET", "POST")),
        _route(f"{_REPOSITORY}/pullrequests", in_repository(pulls.get_pulls)),
        _route(f"{_REPOSITORY}/pullrequests/activity", in_repository(pulls.get_activity)),
        _route(f"{_REPOSITORY}/pullrequests/{{id}}", in_repository(pulls.get_pull)),
        _route(f"{_REPOSITORY}/pullrequests/{{id}}/activity", in_repository(pulls.get_pull_activity)),
    ),
    part=BitbucketPart,
)
