"""Lists of people are read to their end, and what was not read whole is not taken for whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.people.roster import Roster, SeenAccount
from atlaslens_forwarder.sources.people.answers import account_of
from atlaslens_forwarder.sources.people.bitbucket import read_members
from atlaslens_forwarder.sources.people.desk import DeskPeople
from atlaslens_forwarder.sources.people.jira import JiraPeople

if TYPE_CHECKING:
    from collections.abc import Callable

USERS = "/rest/api/3/users/search"


class Scripted:
    """Answers each path from a function of its query; an exception is raised."""

    def __init__(self, **paths: Callable[[Any], Any]) -> None:
        self.paths = paths
        self.asked: list[tuple[str, Any]] = []

    async def get(self, _api: object, path: str, params: Any, *, endpoint: str) -> Answer:
        self.asked.append((endpoint, dict(params) or path))
        value = self.paths[endpoint.replace("-", "_")](dict(params) or path)
        if isinstance(value, Exception):
            raise value
        return Answer(value, {})


def user(name: str, **more: Any) -> dict[str, Any]:
    return {
        "accountId": name,
        "displayName": name.title(),
        "accountType": "atlassian",
        "active": True,
        **more,
    }


def paged(values: list[Any], *, cap: int = 50, total: int | None = None) -> Callable[[Any], Any]:
    """A list as Jira pages it."""

    def page(query: Any) -> Any:
        start = query["startAt"]
        part = values[start : start + min(cap, query["maxResults"])]
        end = start + len(part) >= len(values)
        return {"values": part, "total": len(values) if total is None else total, "isLast": end}

    return page


def listed(slots: list[Any], cap: int) -> Callable[[Any], Any]:
    """A bare list in which None is an account that we may not see."""

    def page(query: Any) -> Any:
        start = query["startAt"]
        return [one for one in slots[start : start + min(cap, query["maxResults"])] if one is not None]

    return page


@pytest.mark.parametrize("cap", [1, 3, 1000])
@pytest.mark.parametrize("hidden_every", [0, 2, 3])
async def test_every_account_is_read_whatever_is_hidden_and_however_short_pages_are(cap, hidden_every):
    slots: list[Any] = []
    for number in range(17):
        if hidden_every and number % hidden_every == 0:
            slots.append(None)
        slots.append(user(f"u{number}"))
    roster = Roster()
    if cap == 1 and hidden_every:
        slots = [one for one in slots if one is not None]  # a page of one hidden account looks like the end
    await JiraPeople(Scripted(jira_users=listed(slots, cap))).accounts(roster)  # type: ignore[arg-type]
    assert sorted(roster.accounts) == sorted(one["accountId"] for one in slots if one is not None)


async def test_a_list_that_is_no_list_is_an_error():
    with pytest.raises(FormatError):
        await JiraPeople(Scripted(jira_users=lambda _: {"values": []})).accounts(Roster())  # type: ignore[arg-type]


async def test_whoever_is_not_found_by_id_is_gone_if_we_are_found_ourselves():
    def bulk(people):
        return paged([user(one) for one in people])

    for present, gone in ((["me", "a"], {"b"}), (["a"], set()), ([], set())):
        roster = Roster()
        await JiraPeople(Scripted(jira_user_bulk=bulk(present))).look_up(roster, ["a", "b", "me"], "me")  # type: ignore[arg-type]
        assert roster.gone == gone
        assert roster.checked == ({"a", "b"} if gone else set())


async def test_ids_are_asked_for_in_parts_of_at_most_ninety():
    client = Scripted(
        jira_user_bulk=lambda query: {"values": [user(one) for one in query["accountId"]], "isLast": True}
    )
    roster = Roster()
    await JiraPeople(client).look_up(roster, [f"u{number:03d}" for number in range(200)], "me")  # type: ignore[arg-type]
    assert [len(query["accountId"]) for _, query in client.asked] == [90, 90, 23]
    assert not roster.gone
    assert len(roster.checked) == 200


async def test_members_are_whole_only_if_as_many_came_as_were_counted():
    groups = [{"groupId": f"g{number}", "name": f"team {number}"} for number in range(4)]
    answers = {
        "g0": paged([user("a"), user("b"), user("c")], cap=2),
        "g1": paged([user("a"), user("b")], total=3),  # one was skipped while others left
        "g2": lambda _: NotFoundError("gone", status=SourceStatus.NO_PERMISSION),
        "g3": paged([]),
    }
    roster = Roster()
    client = Scripted(
        jira_groups=paged(groups), jira_group_members=lambda query: answers[query["groupId"]](query)
    )
    await JiraPeople(client).groups(roster)  # type: ignore[arg-type]
    whole = {key: (sorted(group.members), group.whole) for key, group in roster.groups.items()}
    assert whole == {"g0": (["a", "b", "c"], True), "g1": (["a", "b"], False), "g3": ([], True)}
    assert roster.whole_kinds == {"group"}
    assert all(query["includeInactiveUsers"] == "true" for name, query in client.asked if "members" in name)


async def test_a_list_of_groups_that_shifted_removes_none():
    roster = Roster()
    client = Scripted(
        jira_groups=paged([{"groupId": "g0", "name": "x"}], total=2), jira_group_members=paged([])
    )
    await JiraPeople(client).groups(roster)  # type: ignore[arg-type]
    assert roster.whole_kinds == set()


async def test_an_account_that_jira_does_not_know_is_an_expired_token():
    with pytest.raises(AccessError) as caught:
        await JiraPeople(Scripted(jira_myself=lambda _: {})).myself()  # type: ignore[arg-type]
    assert caught.value.status is SourceStatus.EXPIRED


async def test_organisations_without_a_licence_are_left_out():
    roster = Roster()
    refused = AccessError("no", status=SourceStatus.NO_PERMISSION)
    await DeskPeople(Scripted(jsm_organisations=lambda _: refused), "c").organisations(roster)  # type: ignore[arg-type]
    assert (roster.groups, roster.whole_kinds) == ({}, set())


async def test_an_organisation_of_several_pages_that_shifted_is_not_whole():
    seen = {"n": 0}

    def customers(query):
        seen["n"] += 1
        people = [user(f"qm:{number}") for number in range(60 if seen["n"] <= 2 else 59)]
        part = people[query["start"] : query["start"] + 50]
        return {"values": part, "isLastPage": query["start"] + len(part) >= len(people)}

    roster = Roster()
    client = Scripted(
        jsm_organisations=lambda _: {"values": [{"id": "7", "name": "Customer"}], "isLastPage": True},
        jsm_organisation_users=customers,
    )
    await DeskPeople(client, "c").organisations(roster)  # type: ignore[arg-type]
    (group,) = roster.groups.values()
    assert (group.id, len(group.members), group.whole) == ("organisation:c:7", 60, False)
    assert roster.whole_kinds == {"organisation"}


async def test_members_of_a_workspace_are_joined_to_their_accounts():
    pages = {
        "/2.0/workspaces/acme/members?pagelen=100": {
            "values": [{"user": {"uuid": "{u1}", "account_id": "a", "display_name": "A"}}],
            "next": "https://elsewhere.example/2.0/workspaces/acme/members?pagelen=100&page=2",
        },
        "/2.0/workspaces/acme/members?pagelen=100&page=2": {
            "values": [{"user": {"uuid": "{u2}", "display_name": "App"}}, {"user": None}],
        },
    }
    roster = Roster()
    roster.add(SeenAccount("a", name="Zoë", kind="atlassian", active=True, email="zoe@acme.example"))
    await read_members(Scripted(bitbucket_members=pages.__getitem__), "acme", roster)  # type: ignore[arg-type]
    assert roster.accounts["a"].uuid == "{u1}"
    assert (roster.accounts["a"].name, roster.accounts["a"].email) == ("Zoë", "zoe@acme.example")
    assert roster.accounts["{u2}"].key == "{u2}"


def test_wrong_types_count_as_not_told_and_pictures_are_not_taken():
    odd = {
        "accountId": "a",
        "displayName": 7,
        "active": "yes",
        "emailAddress": None,
        "avatarUrls": {"x": "y"},
    }
    assert account_of(odd) == SeenAccount("a")
    assert account_of({"accountId": 5}) is None
    assert "zoe" not in repr(SeenAccount("a", email="zoe@acme.example"))
