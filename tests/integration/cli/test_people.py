"""People on the command line: found by whatever is known of them, shown without addresses, forgotten."""

from __future__ import annotations

import json

from atlaslens_forwarder.simulator.world.chance import label


async def test_somebody_is_shown_revealed_exported_and_forgotten(program, open_site, tmp_path):
    more = {"SITES__FOLK__SOURCES": '["jira-audit", "people"]'}
    async with open_site("folk", size=120, more=more) as (rig, env_file):
        env = ("--env-file", env_file)
        staff = rig.simulator.site.world.people.staff
        served = json.dumps([truth.row for truth in rig.simulator.truth("jira-audit")])
        mailed = [one for one in staff if label(one.account_id) % 3 == 0]
        person = max(mailed, key=lambda one: served.count(one.account_id))
        synced = await program("sync", *env, "--json")
        again = await program("sync", "--source", "people", *env, "--json")
        listed = await program("people", "list", *env, "--json")
        groups = await program("people", "list", "--groups", *env, "--json")
        shown = await program("people", "show", person.email, *env, "--json")
        by_name = await program("people", "show", person.display_name, *env)
        nobody = await program("people", "show", "nobody@corp.example", *env)
        revealing = await program.start("people", "reveal", person.account_id, "--reason", "audit", *env)
        revealed = (await revealing.communicate())[0].decode()
        target = tmp_path / "person"
        interval = ("--from", "2020-01-01", "--to", "2040-01-01")
        exported = await program("export", *interval, "--user", person.email, "-o", target, *env, "--json")
        empty = tmp_path / "empty"
        none = await program("export", *interval, "--group", "Änderungsbeirat", "-o", empty, *env, "--json")
        verified = await program("verify", target)
        refused = await program("people", "forget", *env)
        asked = await program("people", "forget", person.email, *env)
        forgotten = await program("people", "forget", person.email, "--yes", *env, "--json")
        gone = await program("people", "show", person.email, *env)
        after = await program("people", "show", person.account_id, *env, "--json")
        reapplied = await program("people", "forget", "--reapply", *env, "--json")

    assert (synced.code, again.code) == (0, 0)
    assert set(again.json["connectors"]) == {"folk:people"}
    assert listed.json["count"] == len(rig.simulator.site.world.people.everyone())
    assert any(group["members"] == 0 for group in groups.json["groups"])
    assert (shown.json["id"], shown.json["address"]) == (person.account_id, "known")
    assert shown.json["groups"]
    assert person.account_id in by_name.out
    assert (nobody.code, nobody.out) == (2, "")
    assert revealed.strip() == person.email
    assert exported.json["count"] > 0
    manifest = json.loads((target / "manifest.json").read_text())
    assert person.account_id in manifest["filter"]["users"]
    assert "@" not in json.dumps(manifest["filter"])
    assert not [file for file in target.iterdir() if file.is_file() and person.email in file.read_text()]
    assert verified.code == 0
    assert (none.code, none.json["count"]) == (0, 0)
    assert (refused.code, asked.code) == (2, 130)
    assert forgotten.json["id"] == person.account_id
    assert person.account_id in forgotten.json["remaining_ids"]
    assert gone.code == 2
    assert (after.json["standing"], after.json["name"], after.json["address"]) == ("forgotten", "", "unknown")
    assert reapplied.json == {"erased": 0}
