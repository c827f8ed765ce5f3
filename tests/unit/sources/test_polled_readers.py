"""What the readers of present states ask for, believe and keep, against a server made of plain lists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import pytest

from atlaslens_forwarder.cursor.window import Purpose, Window
from atlaslens_forwarder.errors import AccessError, FormatError, NotFoundError
from atlaslens_forwarder.http.client import Answer
from atlaslens_forwarder.model.event import EventContext
from atlaslens_forwarder.model.status import SourceStatus
from atlaslens_forwarder.sources.bitbucket.paging import pages
from atlaslens_forwarder.sources.bitbucket_permissions import reader as bitbucket
from atlaslens_forwarder.sources.jsm_organizations.reader import OrganizationsReader
from atlaslens_forwarder.sources.source import SourceContext

if TYPE_CHECKING:
    from atlaslens_forwarder.http.access import Api
    from atlaslens_forwarder.model.json import JsonObject

POLL = Window(1, 2, Purpose.POLL)
FIRST = Window(1, 2, Purpose.BACKFILL)
REFUSED = AccessError("no administrator", status=SourceStatus.NO_PERMISSION)
EXPIRED = AccessError("expired", status=SourceStatus.EXPIRED)
MISSING = NotFoundError("not there", status=SourceStatus.NO_PERMISSION)


@dataclass
class Server:
    """Answers by path; what is not there is 404."""

    values: dict[str, Any]
    asked: list[str] = field(default_factory=list)

    async def get(self, _api: Api, path: str, _params: Any, *, endpoint: str) -> Answer:
        assert endpoint
        path = unquote(path)
        self.asked.append(path)
        found = self.values.get(path, MISSING)
        if isinstance(found, Exception):
            raise found
        return Answer({"values": found, "isLastPage": True} if isinstance(found, list) else found, {})


class KeptMemory:
    def __init__(self) -> None:
        self.docs: dict[str, JsonObject] = {}

    async def load(self, key: str) -> JsonObject | None:
        return self.docs.get(key)

    async def save(self, key: str, value: JsonObject) -> None:
        self.docs[key] = value


class Bench:
    """A reader's surroundings that last over several rounds."""

    def __init__(self, reader: Any, values: dict[str, Any], workspaces: tuple[str, ...] = ()) -> None:
        self.server = Server(values)
        self.memory = KeptMemory()
        self.now_ms = 1_000
        self.reader = reader
        self.workspaces = workspaces

    def open(self) -> Any:
        context = SourceContext(
            client=self.server,  # type: ignore[arg-type]
            event=EventContext("acme", "https://acme.example", "cloud"),
            memory=self.memory,
            known=None,  # type: ignore[arg-type]
            clock=lambda: self.now_ms,
            retention_ms=10**9,
            workspaces=self.workspaces,
        )
        return self.reader(context)

    async def look(self, window=POLL, *, commits=True):
        """Rows and counts of one round; without commits, as if it died before the first."""
        self.now_ms += 1_000
        rows, counts = [], {}
        async for page in self.open().pages(window):
            assert page.received == len(page.rows) + sum(page.without_event.values())
            rows += page.rows
            counts |= page.without_event
            if commits and page.commit is not None:
                await page.commit()
        return rows, counts


def user(name):
    return {"uuid": f"{{{name}}}", "account_id": name, "display_name": name.title()}


def member(name, permission="member"):
    return {"user": user(name), "permission": permission}


def repository(name):
    return {"uuid": f"{{{name}}}", "slug": name, "name": name.title()}


def grant(place, name, permission="write"):
    return {"user": user(name), "repository": repository(place), "permission": permission}


def rule(number, pattern="main"):
    return {"id": number, "kind": "push", "pattern": pattern, "users": [], "groups": [], "value": None}


def code_site(workspace="acme", places=("tools",)):
    uuid = f"{{{workspace}}}"
    values: dict[str, Any] = {
        f"/2.0/workspaces/{workspace}": {"uuid": uuid, "slug": workspace},
        f"/2.0/workspaces/{workspace}/permissions": [member("ada", "owner"), member("bo")],
        f"/2.0/workspaces/{uuid}/permissions": [member("ada", "owner"), member("bo")],
        f"/2.0/workspaces/{uuid}/permissions/repositories": [grant(place, "ada") for place in places],
        f"/2.0/repositories/{uuid}": [repository(place) for place in places],
    }
    for place in places:
        values[f"/2.0/repositories/{uuid}/{{{place}}}"] = repository(place)
        values[f"/2.0/repositories/{uuid}/{{{place}}}/branch-restrictions"] = [rule(1)]
    return values


def code_bench(**options):
    return Bench(bitbucket.PermissionsReader, code_site(**options), ("acme",))


REPOSITORIES = "/2.0/repositories/{acme}"
RULES = "/2.0/repositories/{acme}/{tools}/branch-restrictions"
GRANTS = "/2.0/workspaces/{acme}/permissions/repositories"
MEMBERS = "/2.0/workspaces/{acme}/permissions"


def told(rows):
    return sorted((row.data["scope"], row.data["subject"]) for row in rows)


async def test_the_first_look_tells_nothing_and_remembers_everything():
    bench = code_bench()

    rows, counts = await bench.look(FIRST)

    assert rows == []
    assert counts == {"first_sight": 5}
    assert bench.memory.docs.keys() == {
        "workspace:{acme}",
        "repository:{tools}",
        "restrictions:{tools}",
        "turn:{acme}",
    }
    assert "Ada" not in str(bench.memory.docs)


async def test_every_list_tells_its_differences():
    bench = code_bench()
    await bench.look(FIRST)
    bench.server.values[MEMBERS].pop()
    bench.server.values[GRANTS].append(grant("tools", "bo", "admin"))
    bench.server.values[RULES][:] = [rule(1, "release/*"), rule(2)]

    rows, counts = await bench.look()

    assert told(rows) == [
        ("branch-restriction", "1"),
        ("branch-restriction", "2"),
        ("repository", "user:{bo}"),
        ("workspace", "member:{bo}"),
    ]
    assert counts == {"unchanged": 3}
    assert (await bench.look())[0] == []


async def test_rows_without_an_outcome_come_again_with_their_ids_and_times():
    bench = code_bench()
    await bench.look(FIRST)
    bench.server.values[MEMBERS].pop()
    bench.server.values[RULES].clear()

    first, _ = await bench.look(commits=False)
    second, _ = await bench.look()

    assert len(first) == 2
    assert second == first
    assert (await bench.look())[0] == []


async def test_a_deleted_repository_leaves_nothing_untold():
    bench = code_bench(places=("tools", "site"))
    await bench.look(FIRST)
    bench.server.values[GRANTS].append(grant("tools", "bo"))
    owed, _ = await bench.look(commits=False)
    del bench.server.values[f"{REPOSITORIES}/{{tools}}"]
    bench.server.values[REPOSITORIES].pop(0)
    bench.server.values[GRANTS][:] = [grant("site", "ada")]

    rows, _ = await bench.look(commits=False)
    again, _ = await bench.look()

    assert told(rows) == [("repository", "user:{bo}"), ("repository-life", "repository:{tools}")]
    assert owed[0] in rows
    assert again == rows
    assert (await bench.look())[0] == []


@pytest.mark.parametrize("answer", [repository("tools"), REFUSED])
async def test_a_repository_that_is_only_not_listed_is_not_deleted(answer):
    bench = code_bench()
    await bench.look(FIRST)
    bench.server.values[REPOSITORIES].clear()
    bench.server.values[f"{REPOSITORIES}/{{tools}}"] = answer

    assert (await bench.look())[0] == []
    bench.server.values[REPOSITORIES].append(repository("tools"))
    assert (await bench.look())[0] == []


@pytest.mark.parametrize("answer", [REFUSED, MISSING])
async def test_restrictions_that_are_not_shown_change_nothing_and_are_counted(answer):
    bench = code_bench()
    await bench.look(FIRST)
    bench.server.values[RULES] = answer

    rows, counts = await bench.look()

    assert rows == []
    assert counts["refused"] == 1


async def test_restrictions_that_an_expired_token_hides_end_the_window():
    bench = code_bench()
    bench.server.values[RULES] = EXPIRED

    with pytest.raises(AccessError) as caught:
        await bench.look(FIRST)
    assert caught.value.status is SourceStatus.EXPIRED


@pytest.mark.parametrize("path", [MEMBERS, GRANTS, REPOSITORIES])
@pytest.mark.parametrize("error", [REFUSED, MISSING])
async def test_a_list_that_is_not_shown_changes_nothing(path, error):
    bench = code_bench()
    await bench.look(FIRST)
    kept, bench.server.values[path] = bench.server.values[path], error
    before = dict(bench.memory.docs)

    with pytest.raises(AccessError):
        await bench.look()

    assert bench.memory.docs == before
    bench.server.values[path] = kept
    assert (await bench.look())[0] == []


async def test_one_refused_workspace_does_not_stop_the_other():
    bench = code_bench()
    bench.server.values |= code_site("labs", ("paper",))
    bench.workspaces = ("labs", "acme")
    await bench.look(FIRST)
    bench.server.values["/2.0/workspaces/{labs}/permissions"] = REFUSED
    bench.server.values[MEMBERS].pop()
    seen = []

    async def read():
        async for page in bench.open().pages(POLL):
            seen.extend(page.rows)

    with pytest.raises(AccessError):
        await read()

    assert told(seen) == [("workspace", "member:{bo}")]


async def test_access_is_proven_by_one_workspace_and_refused_by_all():
    bench = code_bench()
    bench.workspaces = ("labs", "acme")
    await bench.open().prove_access()
    bench.server.values["/2.0/workspaces/acme/permissions"] = REFUSED

    with pytest.raises(AccessError):
        await bench.open().prove_access()


async def test_branch_restrictions_are_read_in_turns(monkeypatch):
    monkeypatch.setattr(bitbucket, "TURN_REPOSITORIES", 2)
    bench = code_bench(places=("a", "b", "c"))

    def asked():
        found = [path for path in bench.server.asked if path.endswith("branch-restrictions")]
        bench.server.asked.clear()
        return [path.split("/")[-2] for path in found]

    await bench.look(FIRST)
    assert asked() == ["{a}", "{b}", "{c}"]
    await bench.look()
    assert asked() == ["{a}", "{b}"]
    await bench.look()
    assert asked() == ["{c}", "{a}"]


async def test_a_permission_of_a_repository_too_new_to_be_listed_is_no_baseline():
    bench = code_bench()
    await bench.look(FIRST)
    bench.server.values[REPOSITORIES].append(repository("fresh"))
    bench.server.values[f"{REPOSITORIES}/{{fresh}}/branch-restrictions"] = []
    await bench.look()
    bench.server.values[GRANTS].append(grant("fresh", "ada"))

    assert (await bench.look())[0] == []


async def test_a_workspace_without_an_id_is_of_another_form():
    bench = code_bench()
    bench.server.values["/2.0/workspaces/acme"] = {}

    with pytest.raises(FormatError):
        await bench.look()


async def test_pages_follow_next_and_never_in_a_circle():
    values = {
        "/2.0/x": {"values": [{"n": 1}], "next": "https://elsewhere.example/2.0/x?page=2"},
        "/2.0/x?page=2": {"values": [{"n": 2}], "next": "https://elsewhere.example/2.0/x?page=2"},
    }
    server = Server(values)
    found = []

    async def read():
        async for page in pages(server, "/2.0/x", {}, endpoint="x"):  # type: ignore[arg-type]
            found.extend(page)

    with pytest.raises(FormatError):
        await read()

    assert found == [{"n": 1}, {"n": 2}]
    assert server.asked == ["/2.0/x", "/2.0/x?page=2"]


@pytest.mark.parametrize("answer", [{}, {"values": 1}, {"values": ["text"]}])
async def test_a_list_of_another_form_ends_the_reading(answer):
    with pytest.raises(FormatError):
        async for _ in pages(Server({"/x": answer}), "/x", {}, endpoint="x"):  # type: ignore[arg-type]
            pass


ORGANIZATIONS = "/rest/servicedeskapi/organization"


def desk_bench():
    values = {
        "/rest/api/3/myself": {"accountId": "me"},
        ORGANIZATIONS: [
            {"id": "1", "uuid": "o1", "name": "Kunde"},
            {"id": "2", "uuid": "o2", "name": "Leer"},
        ],
        f"{ORGANIZATIONS}/1/user": [
            {"accountId": "c1", "displayName": "Jo", "emailAddress": "jo@kunde.example"}
        ],
        f"{ORGANIZATIONS}/2/user": [],
    }
    return Bench(OrganizationsReader, values)


async def test_an_organisation_that_went_takes_its_customers_along():
    bench = desk_bench()
    await bench.open().prove_access()
    assert await bench.look(FIRST) == ([], {"first_sight": 3})
    bench.server.values[ORGANIZATIONS].pop(0)
    del bench.server.values[f"{ORGANIZATIONS}/1/user"]

    rows, _ = await bench.look(commits=False)

    assert told(rows) == [("customer", "c1"), ("organization", "1")]
    assert (await bench.look())[0] == rows
    assert (await bench.look())[0] == []
    assert "kunde.example" not in str(bench.memory.docs)


@pytest.mark.parametrize("answer", [[], REFUSED])
async def test_an_organisation_that_is_only_not_listed_is_not_deleted(answer):
    bench = desk_bench()
    await bench.look(FIRST)
    bench.server.values[ORGANIZATIONS].clear()
    bench.server.values[f"{ORGANIZATIONS}/1/user"] = answer

    assert (await bench.look())[0] == []


async def test_customers_that_are_not_shown_change_nothing():
    bench = desk_bench()
    await bench.look(FIRST)
    bench.server.values[f"{ORGANIZATIONS}/1/user"] = REFUSED

    rows, counts = await bench.look()

    assert rows == []
    assert counts["refused"] == 1


async def test_who_is_nobody_has_no_access():
    bench = desk_bench()
    bench.server.values["/rest/api/3/myself"] = {}

    with pytest.raises(AccessError):
        await bench.open().prove_access()


@pytest.mark.parametrize("answer", [{}, {"values": [1]}])
async def test_organisations_of_another_form_end_the_window(answer):
    bench = desk_bench()
    bench.server.values[ORGANIZATIONS] = answer

    with pytest.raises(FormatError):
        await bench.look()
