"""Whatever a user gets wrong: one clear line that says what to do, the right exit code, no traceback."""

from __future__ import annotations

import os

import pytest

from atlaslens_forwarder.cli.main import exit_code_of
from atlaslens_forwarder.model.connector import PEOPLE
from atlaslens_forwarder.sources.registry import SOURCES
from atlaslens_forwarder.sources.source import Service

STORE = {"ATLASLENS_OPENSEARCH__URL": "http://127.0.0.1:9"}  # the discard port: nothing answers
SITE = {
    "ATLASLENS_SITES__ACME__URL": "http://127.0.0.1:9",
    "ATLASLENS_SITES__ACME__EMAIL": "reader@corp.example",
    "ATLASLENS_SITES__ACME__API_TOKEN": "seeded-secret-token",
}
RANGE = ("--from", "2026-01-01", "--to", "2026-01-31", "-o", "out.jsonl")


@pytest.fixture
def refused(program):
    """Runs a command that must fail; returns its one line."""
    program.secrets |= {"seeded-secret-token", "reader@corp.example", "seeded-password"}

    async def run(code, *arguments, env=None):
        ended = await program(*arguments, env=env)
        assert ended.code == code, ended
        assert ended.out == ""
        return ended.error

    return run


@pytest.mark.parametrize(
    "command",
    [
        ("status",),
        ("sync",),
        ("setup",),
        ("run",),
        ("quarantine", "list"),
        ("quarantine", "replay"),
        ("export", *RANGE),
    ],
    ids=" ".join,
)
async def test_neither_an_address_nor_embedded(refused, command):
    assert "--embedded" in await refused(2, *command, env=SITE)


@pytest.mark.parametrize("command", [("status",), ("sync",), ("setup",), ("run",)], ids=" ".join)
async def test_an_opensearch_that_does_not_answer(refused, command):
    line = await refused(3, *command, env=STORE | SITE)
    assert "127.0.0.1:9" in line


@pytest.mark.parametrize(
    "url", ["localhost:9200", "https://", "http://u:seeded-password@h:9200", "http://h:port"]
)
async def test_an_opensearch_address_that_is_none(refused, url):
    assert "OpenSearch URL" in await refused(2, "status", env={"ATLASLENS_OPENSEARCH__URL": url})


async def test_something_else_answers_at_the_address(refused, open_site):
    async with open_site("nostore") as (rig, _):
        line = await refused(3, "status", env={"ATLASLENS_OPENSEARCH__URL": rig.simulator.url})
    assert "not OpenSearch" in line or "refused" in line


async def test_no_site(refused):
    assert "no Atlassian site is set" in await refused(2, "sync", env=STORE)


@pytest.mark.parametrize(
    "url", ["acme.atlassian.net", "https://acme.atlassian.net/wiki", "https://acme:port"]
)
async def test_a_site_address_that_is_none(refused, url):
    env = STORE | SITE | {"ATLASLENS_SITES__ACME__URL": url}
    assert "ATLASLENS_SITES__ACME__URL" in await refused(2, "config", "check", env=env)


async def test_a_wrong_site_address_is_a_failed_source(program, open_site):
    async with open_site("lost", more={"SITES__LOST__URL": "http://127.0.0.1:9"}) as (_, env_file):
        ended = await program("sync", "--env-file", env_file, "--json")

    assert ended.code == 4
    assert {result["status"] for result in ended.json["connectors"].values()} == {"unreachable"}
    assert "check the site address" in ended.json["connectors"]["lost:jira-audit"]["error"]


async def test_a_wrong_token_is_a_failed_source(program, open_site):
    program.secrets.add("seeded-secret-token")
    async with open_site("liar", more={"SITES__LIAR__API_TOKEN": "seeded-secret-token"}) as (_, env_file):
        ended = await program("sync", "--env-file", env_file, "--json")

    assert ended.code == 4
    assert {result["status"] for result in ended.json["connectors"].values()} == {"expired"}
    assert "create a new API token" in ended.json["connectors"]["liar:jira-audit"]["error"]


async def test_a_settings_file_that_is_missing_a_folder_or_no_text(refused, tmp_path):
    (tmp_path / "binary.env").write_bytes(b"\xff\xfe\x00")
    for name in ("missing.env", ".", "binary.env"):
        assert "cannot read the settings file" in await refused(2, "status", "--env-file", tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
async def test_a_settings_file_without_permission(refused, tmp_path):
    file = tmp_path / "closed.env"
    file.touch(mode=0o000)
    assert "cannot read the settings file" in await refused(2, "status", "--env-file", file)


async def test_a_setting_that_is_unknown_names_the_nearest(refused):
    line = await refused(2, "config", "check", env={"ATLASLENS_SERVICE__RETENTION_DAY": "365"})
    assert "did you mean ATLASLENS_SERVICE__RETENTION_DAYS?" in line


async def test_a_setting_of_the_wrong_type_is_named_without_its_value(refused):
    line = await refused(2, "config", "check", env={"ATLASLENS_SERVICE__INTERVAL_S": "seeded-password"})
    assert "ATLASLENS_SERVICE__INTERVAL_S" in line


async def test_an_engine_that_cannot_start(refused, tmp_path, engine_home):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "opensearch").write_text("a file where a folder must be")
    env = {
        "ATLASLENS_DATA_DIR": str(tmp_path / "data"),
        "ATLASLENS_ENGINE__CACHE_DIR": str(engine_home.parent),
    }
    assert "data folder" in await refused(3, "status", "--embedded", env=env)


@pytest.mark.parametrize("command", ["sync", "run"])
async def test_a_source_that_is_unknown(refused, command):
    line = await refused(2, command, "--source", "jira-audits", env=STORE | SITE)
    names = [*(name for name, spec in SOURCES.items() if spec.service is Service.SITE), PEOPLE]
    known = sorted([*names, *(f"acme:{name}" for name in names)])
    assert f"known are {', '.join(known)}" in line


@pytest.mark.parametrize("since", ["yesterday", "2026-01-01T00:00:00", ""])
async def test_a_since_that_is_no_time(refused, since):
    line = await refused(2, "sync", "--since", since, env=STORE | SITE)
    assert "--since cannot be read as a time" in line


async def test_a_since_that_lies_ahead(refused):
    assert "--since" in await refused(2, "sync", "--since", "2999-01-01", env=STORE | SITE)


async def test_a_fault_plan_that_is_none(refused, tmp_path):
    plan = tmp_path / "plan.toml"
    plan.write_text("throttel = 1")
    assert "throttel" in await refused(2, "simulate", "--faults", plan)


async def test_a_key_file_that_is_damaged_or_open_to_all(refused, open_site, tmp_path):
    async with open_site("keys") as (_, env_file):
        for text, mode, told in (("{", 0o600, "is damaged"), ("{}", 0o644, "can be read by others")):
            key_file = tmp_path / "keyring.json"
            key_file.write_text(text)
            key_file.chmod(mode)
            line = await refused(2, "sync", "--env-file", env_file, env={"ATLASLENS_KEY_FILE": str(key_file)})
            assert told in line


async def test_a_lost_key_file_is_not_replaced_silently(refused, program, open_site, tmp_path):
    async with open_site("relost") as (_, env_file):
        await program("sync", "--env-file", env_file)
        env = {"ATLASLENS_KEY_FILE": str(tmp_path / "new.json")}
        line = await refused(2, "sync", "--env-file", env_file, env=env)
    assert "restore it from your backup" in line


@pytest.fixture
def refused_here(capsys):
    """The same in this process, for commands that fail before they do anything."""

    def run(code, *arguments):
        assert exit_code_of([*map(str, arguments)]) == code
        printed = capsys.readouterr()
        assert printed.out == ""
        (line,) = [line for line in printed.err.splitlines() if line.lower().startswith("error: ")]
        return line

    return run


@pytest.mark.parametrize(
    "wrong",
    [
        ("--view", "nothing"),
        ("--from", "soon"),
        ("--from", "2026-02-01"),
        ("--action", "unheard_of"),
        ("--product", "trello"),
        ("--format", "xlsx"),
    ],
    ids=" ".join,
)
def test_an_export_that_cannot_be(refused_here, wrong):
    assert wrong[1] in refused_here(2, "export", *RANGE, *wrong) or wrong[0] == "--from"


@pytest.mark.parametrize("name", ["missing.jsonl", "empty.jsonl", "noise.jsonl", "."])
def test_a_broken_export_file(refused_here, tmp_path, name):
    (tmp_path / "empty.jsonl").touch()
    (tmp_path / "noise.jsonl").write_bytes(os.urandom(2000))
    (tmp_path / "noise.jsonl.manifest.json").write_bytes(os.urandom(200))
    assert refused_here(1, "verify", tmp_path / name)


@pytest.mark.parametrize(
    "arguments",
    [
        ("sunc",),
        ("sync", "--sauce", "x"),
        ("verify",),
        ("simulate", "--port", "70000"),
        ("demo", "--size", "0"),
    ],
    ids=" ".join,
)
def test_usage_that_is_wrong(refused_here, arguments):
    assert refused_here(2, *arguments)
