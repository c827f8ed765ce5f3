"""Pull requests and their activity; pages hold at most 50 rows (BCLOUD-13229)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from atlaslens_forwarder.simulator.apis.bitbucket import views
from atlaslens_forwarder.simulator.apis.bitbucket.paging import (
    BadRequestError,
    Field,
    Row,
    address,
    length_of,
    listed,
)
from atlaslens_forwarder.simulator.calls import Answer, Call, Product
from atlaslens_forwarder.simulator.refusals import refusal
from atlaslens_forwarder.simulator.world.code.records import PullState

if TYPE_CHECKING:
    from atlaslens_forwarder.model.json import JsonObject, JsonValue
    from atlaslens_forwarder.simulator.apis.bitbucket.part import BitbucketPart
    from atlaslens_forwarder.simulator.site import Site
    from atlaslens_forwarder.simulator.world.code.records import Entry, Pull, Repository

MAX_LENGTH: Final = 50
_FIELDS: Final = ("id", "created_on", "updated_on", "title", "state")


def get_pulls(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """Pull requests, open ones only unless ``state`` says otherwise; newest first unless sorted."""
    part.page_asked()
    wanted = call.lists.get("state", (PullState.OPEN.value,))
    if not set(wanted) <= {state.value for state in PullState}:
        raise BadRequestError("Invalid state")
    rows: list[Row] = []
    for pull in reversed(repository.pulls):
        fields: dict[str, Field] = {
            "id": pull.id,
            "created_on": pull.created_us,
            "updated_on": pull.updated_us,
            "title": pull.title,
            "state": pull.state.value,
        }
        if pull.state.value in wanted:
            rows.append((fields, views.write_pull(site, pull)))
    path = f"/repositories/{repository.full_name}/pullrequests"
    return listed(site, call, path, rows, fields=_FIELDS, most=MAX_LENGTH)


def _pull(call: Call, repository: Repository) -> Pull | None:
    text = call.names["id"]
    return next((pull for pull in repository.pulls if str(pull.id) == text), None)


def get_pull(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """One pull request."""
    del part
    pull = _pull(call, repository)
    if pull is None:
        return refusal(Product.BITBUCKET, 404, "There is no pull request with this id.")
    return Answer(200, views.write_pull(site, pull), rows=1)


def _activity(site: Site, call: Call, path: str, pulls: list[Pull]) -> Answer:
    """Entries, newest first; ``next`` goes on after the last one, so what comes meanwhile shifts nothing."""
    length = length_of(site, call, most=MAX_LENGTH)
    standing = [
        (entry.at_us, pull.id, entry.serial, pull, entry) for pull in pulls for entry in pull.standing()
    ]
    places: list[tuple[tuple[int, int, int], Pull, Entry]] = [
        ((at_us, pull_id, serial), pull, entry) for at_us, pull_id, serial, pull, entry in standing
    ]
    places.sort(key=lambda place: place[0], reverse=True)
    token = call.query.get("ctx", "")
    if token:
        try:
            at_us, pull_id, serial = (int(part, 16) for part in token.split("-"))
        except ValueError:
            raise BadRequestError("Invalid ctx") from None
        places = [place for place in places if place[0] < (at_us, pull_id, serial)]
    shown = places[:length]
    values: list[JsonValue] = [views.write_entry(site, pull, entry) for _, pull, entry in shown]
    body: JsonObject = {"values": values, "pagelen": length}
    if len(places) > length:
        following = "-".join(f"{part:x}" for part in shown[-1][0])
        body["next"] = address(site, path, [("pagelen", str(length)), ("ctx", following)])
    return Answer(200, body, rows=len(values))


def get_activity(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """The activity of all pull requests of a repository."""
    part.page_asked()
    path = f"/repositories/{repository.full_name}/pullrequests/activity"
    return _activity(site, call, path, repository.pulls)


def get_pull_activity(site: Site, call: Call, part: BitbucketPart, repository: Repository) -> Answer:
    """The activity of one pull request."""
    part.page_asked()
    pull = _pull(call, repository)
    if pull is None:
        return refusal(Product.BITBUCKET, 404, "There is no pull request with this id.")
    return _activity(site, call, f"{views.pull_path(pull)}/activity", [pull])
