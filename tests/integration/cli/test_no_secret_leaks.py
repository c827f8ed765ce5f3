"""A full run with a marker in the place of every secret; none may come out anywhere, in any form.

The servers are hostile: one of the sites, the organisation, and both webhooks answer each request with an
error that repeats its headers, so that whoever quotes an answer quotes the secret.
"""

from __future__ import annotations

import asyncio
import base64
import json
import signal
import sys
import urllib.parse
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
import pytest
from aiohttp import web
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.simulator.faults import FaultPlan
from tests.integration.cli.leaks import leaks
from tests.integration.cli.test_rules import GRANT
from tests.integration.cli.waiting import eventually
from tests.integration.rig import SOURCES, without_settings

OTHERS = 0o077
INTERVAL = ("--from", "2020-01-01", "--to", "2040-01-01")
MARKERS = {
    "echoing site's token": "ATATT3xMarker/site+token=9d41",
    "echoing site's address": "marker.site@corp.example",
    "organisation's key": "ATCTT3xMarker-organisation-5b07",
    "OpenSearch password": "marker/pass word+ä&8c3e",
    "alert webhook's path": "/hooks/marker-alert-path-61fa",
    "alert webhook's secret": "marker-alert-secret-27cc",
    "seal webhook's path": "/hooks/marker-seal-path-e0b9",
    "seal webhook's secret": "marker-seal-secret-f35d",
}
LISTS = (
    ("gaps",),
    ("people", "list"),
    ("quarantine", "list"),
    ("custody", "list"),
    ("keys", "list"),
    ("keys", "signing", "list"),
)
CRASHING = """
import sys
import opensearchpy
from atlaslens_forwarder.cli.main import main

async def crash(*_arguments, **_options):
    token, header, address = sys.argv[1:4]
    raise RuntimeError(f"planted: {token} of {address}, sent as Authorization: {header}")

opensearchpy.AsyncOpenSearch.info = crash
main(sys.argv[4:])
"""


@asynccontextmanager
async def echoing():
    """A server that refuses everything and repeats what it was sent; its address and the paths asked."""
    asked = []

    async def repeat(request):
        asked.append(request.path)
        said = "\n".join(f"{name}: {value}" for name, value in request.headers.items())
        status = 500 if request.path.startswith("/hooks/") else 400
        return web.Response(status=status, text=f"{request.path_qs}\n{said}\n{await request.text()}")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", repeat)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}", asked
    finally:
        await runner.cleanup()


def settings_of_markers(simulator, url):
    owned, site = simulator.credentials, "SITES__ECHOING__"
    return {
        "LOG__LEVEL": "debug",
        f"{site}URL": url,
        f"{site}EMAIL": MARKERS["echoing site's address"],
        f"{site}API_TOKEN": MARKERS["echoing site's token"],
        f"{site}ORGANISATION__ID": "11111111-2222-3333-4444-555555555555",
        f"{site}ORGANISATION__API_KEY": MARKERS["organisation's key"],
        f"{site}ORGANISATION__URL": url,
        "SITES__SEEDED__SOURCES": json.dumps([*SOURCES, "people", "bitbucket-commits"]),
        "SITES__SEEDED__BITBUCKET__WORKSPACES": '["seeded"]',
        "SITES__SEEDED__BITBUCKET__URL": simulator.url,
        "SITES__SEEDED__BITBUCKET__EMAIL": owned.email,
        "SITES__SEEDED__BITBUCKET__API_TOKEN": owned.bitbucket_token,
        "OPENSEARCH__USERNAME": "seeded",
        "OPENSEARCH__PASSWORD": MARKERS["OpenSearch password"],
        "ALERTS__WEBHOOK_URL": url + MARKERS["alert webhook's path"],
        "ALERTS__WEBHOOK_SECRET": MARKERS["alert webhook's secret"],
        "EVIDENCE__SEAL_WEBHOOK_URL": url + MARKERS["seal webhook's path"],
        "EVIDENCE__SEAL_WEBHOOK_SECRET": MARKERS["seal webhook's secret"],
    }


def keys_in(folder):
    """The secret bytes of both key files, by what they are for."""
    keyring = json.loads((folder / "keys" / "keyring.json").read_text())
    signing = json.loads((folder / "keys" / "signing.json").read_text())
    found = {f"{key['use']} key": base64.b64decode(key["secret"]) for key in keyring["keys"]}
    for held in signing["keys"]:
        key = load_pem_private_key(held["private_key"].encode(), None)
        found[f"signing key {held['id']}"] = key.private_bytes_raw()
    return found


async def crash(program, *arguments, level):
    """What the program prints when something fails that nobody foresaw."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", CRASHING, *arguments),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=without_settings() | {"ATLASLENS_LOG__LEVEL": level},
        cwd=program.folder,
    )
    out, err = await process.communicate()
    assert process.returncode == 1, err
    return out + err


async def stored(client):
    """Every document of every index of ours, by index."""
    await client.indices.refresh(index="atlaslens-*", params={"expand_wildcards": "all"})
    answer = await client.search(
        index="atlaslens-*", body={"size": 10_000}, params={"expand_wildcards": "all"}
    )
    assert answer["hits"]["total"]["value"] == len(answer["hits"]["hits"])
    written = {}
    for hit in answer["hits"]["hits"]:
        text = json.dumps(hit, ensure_ascii=False).encode()
        written[hit["_index"]] = written.get(hit["_index"], b"") + text
    return written


@pytest.mark.parametrize(
    "written",
    [
        lambda secret: secret.encode(),
        lambda secret: base64.b64encode(f"me:{secret}:".encode()),
        lambda secret: base64.urlsafe_b64encode(f"{secret}!".encode()),
        lambda secret: base64.b64encode(f"a{secret}".encode()),
        lambda secret: urllib.parse.quote(secret, safe="").encode(),
        lambda secret: secret.encode().hex().upper().encode(),
    ],
)
def test_the_search_finds_what_is_planted(written):
    secrets = {name: secret.encode() for name, secret in MARKERS.items()}
    for name, secret in MARKERS.items():
        assert leaks({"log": b"before " + written(secret) + b" after"}, secrets) == {("log", name)}
    assert leaks({"log": b"nothing of the kind"}, secrets) == set()


async def test_no_secret_comes_out_of_a_full_run(program, open_site, serving, keys_folder):  # noqa: PLR0915  one run
    printed, scraped = {}, {}
    async with echoing() as (url, asked), open_site("seeded", size=40) as (rig, env_file):
        with env_file.open("a") as file:
            for name, value in settings_of_markers(rig.simulator, url).items():
                file.write(f"ATLASLENS_{name}='{value}'\n")
        env = ("--env-file", env_file)
        site, people = rig.simulator.site, rig.simulator.site.world.people.everyone()
        owned = rig.simulator.credentials
        program.secrets |= set(MARKERS.values())

        async def run(*arguments, code=0):
            ended = await program(*arguments)
            assert ended.code == code, (arguments, ended)
            printed[f"{' '.join(map(str, arguments))} {len(printed)}"] = (ended.out + ended.err).encode()

        await run("config", "check", *env)
        await run("setup", *env)
        await run("sync", *env, code=4)
        site.set_faults(FaultPlan(expired_token=True, bitbucket_expired=True))
        await run("sync", *env, code=4)
        site.set_faults(FaultPlan(login_page="html"))
        await run("sync", *env, code=4)
        site.set_faults(FaultPlan(server_error=1.0, throttle_html=0.5, poisoned_rows=2, bucket_size=100_000))
        site.feed(JIRA_AUDIT).add(rig.clock() - 120_000, rig.clock() - 120_000, override=GRANT)
        async with serving(env_file) as service, httpx.AsyncClient(base_url=await service.url()) as client:
            hooks = {MARKERS["alert webhook's path"], MARKERS["seal webhook's path"]}

            async def both_webhooks_were_called():
                return hooks <= set(asked)

            await eventually(both_webhooks_were_called)
            for path in ("/metrics", "/healthz", "/readyz"):
                scraped[path] = (await client.get(path)).content
            await run("status", *env)
            assert (await service.end(signal.SIGTERM))[1] == 0
            printed["run"] = "".join(service.lines).encode()
        bundle = program.folder / "bundle"
        forms = ("--format", "csv", "--format", "jsonl", "--format", "pdf")
        await run("export", *INTERVAL, *forms, "-o", bundle, *env)
        await run("verify", bundle, "--store", *env)
        await run("seals", "make", *env)
        await run("seals", "verify", *env)
        await asyncio.gather(*(run(*listed, *env) for listed in LISTS))
        address, token = MARKERS["echoing site's address"], MARKERS["echoing site's token"]
        planted = (token, f"Basic {base64.b64encode(f'{address}:{token}'.encode()).decode()}", address)
        for level in ("debug", "info"):
            printed[f"crash {level}"] = await crash(program, *planted, "status", *env, level=level)
        documents = await stored(rig.client)

    secrets = {name: secret.encode() for name, secret in MARKERS.items()} | keys_in(keys_folder)
    secrets |= {
        "token": owned.classic_token.encode(),
        "Bitbucket token": owned.bitbucket_token.encode(),
        "address": owned.email.encode(),
    }
    secrets |= {f"address of {one.account_id}": one.email.encode() for one in people if one.email}
    exported = {str(file): file.read_bytes() for file in bundle.rglob("*") if file.is_file()}
    assert b"Traceback" in printed["crash debug"]
    assert b"planted: [redacted]" in printed["crash debug"]
    assert any(name.endswith(".pdf") for name in exported)
    assert {name[:15] for name in documents} >= {"atlaslens-audit", "atlaslens-peopl", "atlaslens-alert"}
    assert leaks(printed | scraped | exported | documents, secrets) == set()
    # Not in vain: the search does find the secrets where they belong, and the settings hold them all.
    kept = {str(file): file.read_bytes() for file in keys_folder.rglob("*") if file.is_file()}
    found = leaks({"settings": env_file.read_bytes()} | kept, secrets)
    assert {name for _, name in found} >= {*MARKERS, "token", "Bitbucket token", "address", "origin key"}
    loose = [file for file in map(Path, kept) if file.stat().st_mode & OTHERS]
    assert not loose
    assert not (keys_folder / "keys").stat().st_mode & OTHERS
