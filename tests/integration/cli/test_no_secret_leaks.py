"""A whole life with marked secrets: none of them is printed, served, exported or stored."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from urllib.parse import quote

import httpx
from aiohttp import web

from atlaslens_forwarder.simulator import FaultPlan

MARKS = {
    "OPENSEARCH__USERNAME": "writer",
    "OPENSEARCH__PASSWORD": "mark-opensearch-pass+word/9",
    "ALERTS__WEBHOOK_SECRET": "mark-alert-hook-secret",
    "EVIDENCE__SEAL_WEBHOOK_SECRET": "mark-seal-hook-secret",
    "DASHBOARDS__PASSWORD": "mark-dashboards-password",
}
FORMATS = ("csv", "jsonl", "pdf")
COMMANDS = (
    "status",
    "gaps",
    "people list",
    "quarantine list",
    "custody list",
    "keys list",
    "keys signing list",
    "config check",
    "seals make",
    "seals list",
    "coverage --from 2026-11-01 --to 2026-11-02",
)
CRASHING = """
import sys
from atlaslens_forwarder.cli import gaps, main

def crash(*_arguments, **_options):
    raise RuntimeError(f"GET https://u:{secret}@acme.example/x?token={secret} Authorization: Basic {pair}")

secret, pair = sys.argv.pop(1), sys.argv.pop(1)
gaps.with_store = crash
main()
"""


def forms(secret):
    """The ways in which a secret is written down."""
    raw = secret.encode()
    return {secret, quote(secret, safe=""), base64.b64encode(raw).decode().rstrip("="), raw.hex()}


def leaks(secrets, text):
    """Those of the secrets that a text holds in one of these ways."""
    return sorted(secret for secret in secrets if any(form in text for form in forms(secret)))


class Echo:
    """A receiver of webhooks that refuses everything and gives back what it was sent."""

    async def __aenter__(self):
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self._runner = web.AppRunner(app)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self.calls = 0
        return self

    async def __aexit__(self, *_error):
        await self._runner.cleanup()

    async def _answer(self, request):
        self.calls += 1
        return web.Response(status=500, text=f"{request.url} {dict(request.headers)} {await request.text()}")


def key_material(folder):
    """What is secret in the key files."""
    keys = json.loads((folder / "keyring.json").read_text())["keys"]
    signing = json.loads((folder / "signing.json").read_text())["keys"]
    return {key["secret"] for key in keys} | {key["private_key"].splitlines()[1] for key in signing}


async def stored(client):
    """Every document of ours, as text."""
    await client.indices.refresh(index="atlaslens-*")
    body = {"size": 10_000, "query": {"match_all": {}}}
    answer = await client.search(index="atlaslens-*", body=body)
    assert answer["hits"]["total"]["value"] < 10_000
    return json.dumps(answer["hits"]["hits"], ensure_ascii=False)


async def test_no_secret_leaves_the_process(program, serving, open_site):
    async with Echo() as echo:
        hooks = {
            "ALERTS__WEBHOOK_URL": f"{echo.url}/hook/mark-alert-address",
            "EVIDENCE__SEAL_WEBHOOK_URL": f"{echo.url}/seal/mark-seal-address",
            "EVIDENCE__SEAL_INTERVAL_S": "10",
            "ALERTS__EVALUATE": "always",
            "LOG__LEVEL": "debug",
        }
        async with open_site(
            "marked",
            size=80,
            service={"interval_s": 5},
            more=MARKS | hooks,
            server_error=0.3,
            throttle_html=0.2,
        ) as (rig, env_file):
            env = ("--env-file", env_file)
            secrets = {value for name, value in MARKS.items() if name != "OPENSEARCH__USERNAME"}
            secrets |= {"mark-alert-address", "mark-seal-address", rig.simulator.credentials.classic_token}
            pair = f"{rig.simulator.credentials.email}:{rig.simulator.credentials.classic_token}"
            printed = []

            async def run(*arguments, code=0):
                ended = await program(*arguments, *env)
                assert ended.code == code, ended
                printed.append(ended.out + ended.err)

            await run("setup")
            await program("sync", *env)
            async with serving(env_file) as service, httpx.AsyncClient() as client:
                url = await service.url()
                await service.line("seal not told")
                printed += [
                    (await client.get(f"{url}/{page}")).text for page in ("metrics", "healthz", "readyz")
                ]
                rig.simulator.site.set_faults(FaultPlan(bucket_size=100_000, expired_token=True))
                await service.line("round failed")
                await service.end(15)
                printed += service.lines
            for command in COMMANDS:
                ended = await program(*command.split(), *env)
                assert ended.code in {0, 1}, ended
                printed.append(ended.out + ended.err)
            target = program.folder / "bundle"
            forms_asked = [part for form in FORMATS for part in ("--format", form)]
            await run("export", "--from", "2020-01-01", "--to", "2030-01-01", *forms_asked, "-o", target)
            await run("verify", target)
            encoded = base64.b64encode(pair.encode()).decode()
            crash = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", CRASHING, rig.simulator.credentials.classic_token, encoded),
                *("gaps", *map(str, env)),
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                env=program.environment(),
                cwd=program.folder,
            )
            crashed = (await crash.communicate())[0].decode()
            assert "RuntimeError" in crashed
            printed.append(crashed)
            data = rig.settings.data_dir
            secrets |= key_material(data / "keys")
            printed.append(await stored(rig.client))
            exported = [path for path in target.rglob("*") if path.is_file()]
            assert {path.suffix for path in exported} >= {".csv", ".jsonl", ".pdf", ".json"}
            printed += [path.read_bytes().decode("latin-1") for path in exported]
    assert echo.calls
    assert leaks(secrets | {pair}, "\n".join(printed)) == []
    for secret in secrets:  # the finder finds what is there
        assert leaks({secret}, f"x{quote(secret, safe='')}y") == [secret]
    files = [path for path in data.rglob("*") if path.is_file()]
    assert [path for path in files if path.stat().st_mode & 0o077] == []
