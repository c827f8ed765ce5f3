"""``connect`` and ``config check --probe`` as a user runs them, at a simulated site."""

from __future__ import annotations

import asyncio
import os
import pty
import stat
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from dotenv import dotenv_values

from atlaslens_forwarder.cli.main import exit_code_of
from atlaslens_forwarder.simulator import FaultPlan, Simulator, WorldSpec
from tests.integration.rig import NOW_MS, WEIGHTS

if TYPE_CHECKING:
    from pathlib import Path

PREFIX = "ATLASLENS_SITES__LOCAL__"
BITBUCKET = f"{PREFIX}BITBUCKET__"


@dataclass
class Connecting:
    """A site, and the program that is to be connected with it."""

    simulator: Simulator
    program: Any

    @property
    def env(self) -> Path:
        return self.program.folder / ".env"

    @property
    def values(self):
        return dotenv_values(self.env, interpolate=False)

    def token(self, name):
        """A file that holds one of the site's tokens, or a wrong one."""
        file = self.program.folder / name
        file.write_text(getattr(self.simulator.credentials, name, "ATATT3xWrongSeeded") + "\n")
        return file

    async def __call__(self, *arguments, kind="classic", email=True):
        """The command with one of the site's tokens, nobody being asked."""
        given = ["--site", f"{self.simulator.url}/jira/x", "--token-file", self.token(f"{kind}_token")]
        given += ["--email", self.simulator.credentials.email] if email else []
        return await self.program("connect", *given, "--non-interactive", "--json", *arguments)

    async def fault(self, **faults):
        async with httpx.AsyncClient() as client:
            answer = await client.put(
                f"{self.simulator.url}/_sim/faults", json={"bucket_size": 100_000} | faults
            )
        answer.raise_for_status()

    def logins(self):
        """Requests with a credential, as path and status."""
        return [
            (request["path"], request["status"])
            for request in self.simulator.requests
            if "tenant_info" not in request["path"]
        ]


@pytest.fixture
def connecting(program):
    """Opens a site with faults for ``async with``."""

    @asynccontextmanager
    async def opened(**faults):
        plan = FaultPlan(**({"bucket_size": 100_000} | faults))
        spec = WorldSpec(9, 40, NOW_MS, span_days=200, site="acme", weights=WEIGHTS, repositories=4)
        async with Simulator(spec, faults=plan, clock=lambda: NOW_MS) as simulator:
            owned = simulator.credentials
            program.secrets |= {
                owned.classic_token, owned.scoped_token, owned.bearer_token, owned.bitbucket_token,
                owned.bitbucket_access_token, owned.email, "ATATT3xWrongSeeded",
            }  # fmt: skip
            yield Connecting(simulator, program)

    return opened


def statuses(ended):
    return {source["source"]: source["status"] for source in ended.json["sources"]}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("kind", ["classic", "scoped", "bearer"])
async def test_the_kind_of_token_is_found_and_everything_is_collected(connecting, kind):
    async with connecting() as connect:
        ended = await connect(kind=kind, email=kind != "bearer")

        assert ended.code == 0, ended
        assert ended.json["token_kind"] == kind
        assert ended.json["cloud_id"] == connect.simulator.cloud_id
        assert {status for name, status in statuses(ended).items() if name.endswith("-audit")} == {"ok"}
        assert ended.json["gaps"]
        assert mode(connect.env) == 0o600
        assert connect.values[f"{PREFIX}TOKEN_KIND"] == kind
        assert connect.values[f"{PREFIX}URL"] == connect.simulator.url
        checked = await connect.program("config", "check", "--probe", "--json")

    assert checked.code == 0, checked
    probed = {each["source"]: each["collected"] for each in checked.json["probes"]["local"]}
    assert probed["jira-audit"]
    assert probed["confluence-audit"]


async def test_a_wrong_token_writes_nothing_and_risks_no_captcha(connecting):
    async with connecting() as connect:
        ended = await connect(kind="wrong")

        assert ended.code == 4
        assert "neither the site nor the gateway accepts the token" in ended.error
        assert not connect.env.exists()
        assert [status for _, status in connect.logins()] == [401, 401]


@pytest.mark.parametrize(
    "faults",
    [{"expired_token": True}, {"silent_anonymous": True, "expired_token": True}, {"login_page": "html"},
     {"login_page": "redirect"}],
)  # fmt: skip
async def test_a_token_that_is_not_accepted_any_more(connecting, faults):
    async with connecting(**faults) as connect:
        ended = await connect()

        assert ended.code == 4
        assert "make a new one" in ended.error
        assert not connect.env.exists()
        assert len(connect.logins()) <= 3


@pytest.mark.parametrize(
    ("faults", "status", "remedy"),
    [
        ({"free_plan": ("jira",)}, "no-plan", "paid plan"),
        ({"no_permission": ("jira",)}, "no-permission", "Administer Jira"),
        ({"no_scope": ("jira",)}, "no-scope", "read:audit-log:jira"),
    ],
)
async def test_a_source_that_is_refused_says_why_and_the_others_are_collected(
    connecting, faults, status, remedy
):
    async with connecting(**faults) as connect:
        ended = await connect(kind="scoped")
        checked = await connect.program("config", "check", "--probe", "--json")

        assert ended.code == 0, ended
        found = {source["source"]: source for source in ended.json["sources"]}
        assert found["jira-audit"]["status"] == status
        assert found["jira-audit"]["message"]
        assert remedy in found["jira-audit"]["remedy"]
        assert found["confluence-audit"]["collected"]
        assert connect.env.exists()

    assert checked.code == 4
    assert checked.json["probes"]["local"][0]["status"] == status


async def test_bitbucket_workspaces_are_found(connecting):
    async with connecting() as connect:
        owned = connect.simulator.credentials
        given = ("--bitbucket-email", owned.email, "--bitbucket-token-file", connect.token("bitbucket_token"))
        ended = await connect(*given)

        assert ended.code == 0, ended
        assert len(ended.json["workspaces"]) == 2
        assert connect.values[f"{BITBUCKET}EMAIL"] == owned.email
        checked = await connect.program("config", "check", "--json")

    assert sorted(checked.json["settings"]["sites"]["local"]["bitbucket"]["workspaces"]) == sorted(
        ended.json["workspaces"]
    )


async def test_an_access_token_needs_its_workspace_named(connecting):
    async with connecting() as connect:
        given = ("--bitbucket-token-file", connect.token("bitbucket_access_token"))
        unnamed = await connect(*given)
        assert unnamed.code == 2
        assert "--bitbucket-workspace" in unnamed.error

        ended = await connect(*given, "--bitbucket-workspace", "nobodys")
        assert (ended.code, ended.json["refused_credential"]["service"]) == (4, "bitbucket")
        assert f"{BITBUCKET}API_TOKEN" not in connect.values

        (workspace, *_) = (await connect_workspaces(connect)).json["workspaces"]
        ended = await connect(*given, "--bitbucket-email", "", "--bitbucket-workspace", workspace)

        assert (ended.code, ended.json["workspaces"]) == (0, [workspace])
        assert f"{BITBUCKET}EMAIL" not in connect.values


async def connect_workspaces(connect):
    return await connect(
        "--bitbucket-email", connect.simulator.credentials.email,
        "--bitbucket-token-file", connect.token("bitbucket_token"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("faults", "status"),
    [({"bitbucket_expired": True}, "expired"), ({"bitbucket_no_scope": True}, "no-scope")],
)
async def test_a_bitbucket_token_of_no_use_is_not_written_but_the_site_is(connecting, faults, status):
    async with connecting(**faults) as connect:
        ended = await connect_workspaces(connect)

        assert ended.code == 4
        assert ended.json["refused_credential"]["status"] == status
        assert ended.json["refused_credential"]["remedy"]
        assert connect.values[f"{PREFIX}URL"]
        assert not [name for name in connect.values if name.startswith(BITBUCKET)]


async def test_doing_it_again_needs_no_token_and_changes_nothing(connecting):
    async with connecting() as connect:
        connect.env.write_text("# mine\nATLASLENS_LOG__LEVEL=warning\nOTHER='x'\n")
        connect.env.chmod(0o644)
        await connect_workspaces(connect)
        written = connect.env.read_text()
        backup = connect.env.with_name(".env.bak")
        assert written.startswith("# mine\nATLASLENS_LOG__LEVEL=warning\nOTHER='x'\n\n# Site local\n")
        assert mode(connect.env) == mode(backup) == 0o600

        again = await connect.program(
            "connect", "--site", connect.simulator.url, "--non-interactive", "--json"
        )

        assert (again.code, again.json["backup"]) == (0, None), again
        assert len(again.json["workspaces"]) == 2
        assert connect.env.read_text() == written


async def test_another_site_of_the_same_name_is_replaced_only_when_wished(connecting):
    async with connecting() as connect:
        there = f'{PREFIX}URL=https://other.atlassian.net\n{PREFIX}API_TOKEN=kept\n{PREFIX}SOURCES=["jira-audit"]\n'
        connect.env.write_text(there)

        refused = await connect()
        assert (refused.code, connect.env.read_text()) == (2, there)
        assert "--force" in refused.error
        assert not connect.simulator.requests
        ended = await connect("--force")

        assert ended.code == 0, ended
        assert connect.values[f"{PREFIX}URL"] == connect.simulator.url
        assert f"{PREFIX}SOURCES" not in connect.values


async def test_a_token_of_another_site_is_never_sent(connecting):
    async with connecting() as connect:
        connect.env.write_text(
            f"{PREFIX}URL=https://other.atlassian.net\n{PREFIX}API_TOKEN=kept\n{PREFIX}EMAIL=a@b.c\n"
        )

        ended = await connect.program(
            "connect", "--site", connect.simulator.url, "--force", "--non-interactive"
        )

        assert ended.code == 2
        assert "--token-file" in ended.error
        assert not connect.simulator.requests


async def test_the_token_may_come_from_the_environment_or_standard_input(connecting):
    async with connecting() as connect:
        owned = connect.simulator.credentials
        given = ("connect", "--site", connect.simulator.url, "--email", owned.email, "--non-interactive")
        ended = await connect.program(*given, env={f"{PREFIX}API_TOKEN": owned.classic_token})
        assert ended.code == 0, ended
        connect.env.unlink()

        process = await connect.program.start(*given, "--token-file", "-", stdin=asyncio.subprocess.PIPE)
        process.stdin.write(f"{owned.scoped_token}\n".encode())
        process.stdin.write_eof()
        ended = await connect.program.finish(process)

        assert ended.code == 0, ended
        assert connect.values[f"{PREFIX}TOKEN_KIND"] == "scoped"


async def test_it_asks_for_what_is_missing_and_does_not_show_tokens(connecting):
    async with connecting() as connect:
        owned = connect.simulator.credentials
        ours, theirs = pty.openpty()
        answers = [connect.simulator.url, "", owned.email, owned.classic_token, "y", owned.email,
                   owned.bitbucket_token, "n"]  # fmt: skip
        process = await connect.program.start("connect", stdin=theirs)
        os.close(theirs)
        for answer in answers:
            await asyncio.sleep(0.7)  # tokens are asked for on a terminal whose input is cleared first
            os.write(ours, f"{answer}\n".encode())
        async with asyncio.timeout(60):
            ended = await connect.program.finish(process)
        os.close(ours)

        assert ended.code == 0, ended
        assert "not shown" in ended.err
        assert "what would change it" in ended.out
        assert "Bitbucket workspaces" in ended.out
        assert mode(connect.env) == 0o600
        assert connect.values[f"{BITBUCKET}API_TOKEN"] == owned.bitbucket_token


async def test_a_site_that_does_not_answer(program, tmp_path):
    (tmp_path / "token").write_text("ATATT3xWrongSeeded")
    program.secrets.add("ATATT3xWrongSeeded")
    given = ("--site", "http://127.0.0.1:9", "--email", "a@b.example", "--token-file", tmp_path / "token")

    ended = await program("connect", *given)

    assert ended.code == 3
    assert "check the site address" in ended.error
    assert not (tmp_path / ".env").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "--site"),
        (("--site", "jira.corp.example"), "not on Atlassian Cloud"),
        (("--site", "https://api.atlassian.com"), "is no site"),
        (("--site", "acme"), "--token-file"),
        (("--site", "acme", "--token-file", "missing"), "--token-file"),
        (("--site", "acme", "--token-file", "spaced"), "one word"),
        (("--site", "acme", "--name", "a__b"), "name"),
        (("--site", "acme", "--gateway-url", "http://gateway.example", "--token-file", "token"), "--gateway"),
        (("--site", "acme", "--organisation-id", "x", "--token-file", "token"), "--organisation-key-file"),
    ],
)
def test_answers_that_are_missing_or_cannot_be(tmp_path, monkeypatch, capsys, arguments, told):
    for name in os.environ:
        if name.startswith("ATLASLENS_"):
            monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "token").write_text("ATATT3xWrongSeeded")
    (tmp_path / "spaced").write_text("ATATT3xWrongSeeded twice")

    assert exit_code_of(["connect", *arguments, "--non-interactive"]) == 2

    printed = capsys.readouterr()
    assert told in printed.err
    assert "ATATT3xWrongSeeded" not in printed.err + printed.out


async def test_a_token_that_expires_later_is_told_by_the_probe_with_two_logins_at_most(connecting):
    async with connecting() as connect:
        await connect()
        await connect.fault(expired_token=True)
        before = len(connect.logins())

        checked = await connect.program("config", "check", "--probe")

        assert checked.code == 4
        assert "expired" in checked.out
        assert len(connect.logins()) - before <= 4
