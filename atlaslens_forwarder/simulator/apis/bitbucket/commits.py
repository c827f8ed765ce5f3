"""``/repositories/{workspace}/{repository}/commits``: what some commits reach and others do not.

There is no filter by date. ``next`` carries a token that stands for the rest of the list as it was when the
first page was asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.bitbucket import views
from atlaslens_forwarder.simulator.apis.bitbucket.paging import BadRequestError, address, length_of
from atlaslens_forwarder.simulator.calls import Answer, Call
from atlaslens_forwarder.simulator.world.code.graph import newest_first

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject
    from atlaslens_forwarder.simulator.apis.bitbucket.part import BitbucketPart
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.code.records import Repository

_LENGTH: Final = 30
_SHORTEST: Final = 7


def _names(call: Call, name: str) -> tuple[str, ...]:
    """The branches and commits of a parameter, in the query or in the form of a POST."""
    form = call.body.get(name) if isinstance(call.body, dict) else None
    given = [str(value) for value in form] if isinstance(form, list) else []
    return (*call.lists.get(name, ()), *given)


def _resolved(repository: Repository, name: str) -> str | None:
    """The commit of a branch or of a hash, which may be shortened; None where Bitbucket knows none."""
    if name in repository.branches:
        return repository.branches[name]
    if len(name) < _SHORTEST:
        return None
    found = [one for one in repository.commits if one.startswith(name)]
    if len(found) != 1 or (found[0] in repository.forgotten and found[0] in repository.gone):
        return None
    return found[0]


def _not_found(names: list[str]) -> Answer:
    error: JsonObject = {"message": "Commit not found", "data": {"shas": [*names]}}
    return Answer(404, {"type": "error", "error": error})


def get_commits(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """Commits, children before parents; of all branches where ``include`` is not given."""
    part.page_asked()
    length = length_of(site, call, _LENGTH)
    token = call.query.get("ctx", "")
    if token:
        left = part.walks.get(token)
        if left is None:
            raise BadRequestError("Invalid ctx")
    else:
        include = _names(call, "include") or tuple(repository.branches)
        asked = {name: _resolved(repository, name) for name in (*include, *_names(call, "exclude"))}
        unknown = [name for name, found in asked.items() if found is None]
        if unknown:
            return _not_found(unknown)
        heads = [found for name in include if (found := asked[name])]
        known = [found for name in _names(call, "exclude") if (found := asked[name])]
        left = tuple(commit.hash for commit in newest_first(repository, heads, known))
    shown, rest = left[:length], left[length:]
    body: JsonObject = {
        "values": [views.write_commit(site, repository, repository.commits[name]) for name in shown],
        "pagelen": length,
    }
    if rest:
        page = int(call.query.get("page", "1")) + 1
        pairs = [("ctx", part.keep_walk(rest)), ("pagelen", str(length)), ("page", str(page))]
        body["next"] = address(site, f"/repositories/{repository.full_name}/commits", pairs)
    return Answer(200, body, rows=len(shown))
