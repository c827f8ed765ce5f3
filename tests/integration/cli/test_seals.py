"""``seals`` as a user runs it: made, handed out, verified, and an alarm for what is not ours."""

from __future__ import annotations

from atlaslens_forwarder.proof.dsse import parse_envelope
from atlaslens_forwarder.proof.key_history import parse_history
from atlaslens_forwarder.seals.seal import PAYLOAD_TYPE, read_seal

FORGED = {"@timestamp": "2026-01-02T03:04:05.678Z", "message": "nobody was here"}


async def test_seals_from_the_first_to_the_alarm(program, open_site):
    async with open_site("sealed") as (rig, env_file):
        env = ("--env-file", env_file)
        await rig.sync()
        nothing = await program("seals", "verify", *env)
        assert nothing.code == 0
        assert "there is no seal yet" in nothing.out

        made = await program("seals", "make", *env)
        assert made.code == 0
        (month,) = (await rig.client.cat.indices(index="atlaslens-audit-*", params={"format": "json"}))[:1]
        await rig.client.create(index=month["index"], id="forged", body=FORGED)
        found = (await program("seals", "verify", *env, "--json")).json
        assert found["ok"] is False
        assert [(one["kind"], one["id"]) for one in found["findings"]] == [("added", "forged")]
        assert found["checked"]["documents"] > 60

        told = await program("seals", "verify", *env, "--head", f"1:{'0' * 64}")
        assert told.code == 1
        assert "HEAD-DIFFERS     seal 1, another one is given by --head" in told.out
        assert f"ADDED            {month['index']} shard 0 seq_no" in told.out

        assert (await program("seals", "export", "-o", "seals.jsonl", *env)).code == 0
        keys, seal = (program.folder / "seals.jsonl").read_bytes().splitlines(keepends=True)
        signed = read_seal(parse_envelope(seal, PAYLOAD_TYPE))
        assert signed.signed_by(parse_history(keys))
        head = (await program("seals", "head", *env, "--json")).json
        assert (
            head["store"]
            == head["data_folder"]
            == {
                "number": 1,
                "hash": signed.hash,
                "created": signed.seal.created,
            }
        )
        assert signed.hash in made.out


async def test_what_is_no_head_is_refused_in_one_line(program):
    ended = await program("seals", "verify", "--head", "seven")
    assert ended.code == 2
    assert ended.error == "error: --head is not NUMBER:HASH: write it as seals head prints it"
