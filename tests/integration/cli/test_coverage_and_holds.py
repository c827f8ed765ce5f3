"""Coverage, custody log and holds as a user meets them."""

from __future__ import annotations

from atlaslens_forwarder.model.time import iso_ms


async def test_from_coverage_to_a_hold_that_ends(program, open_site):
    async with open_site("proof") as (rig, env_file):
        env = ("--env-file", env_file)
        await program("sync", *env)
        day, today = iso_ms(rig.clock() - 40 * 86_400_000)[:10], iso_ms(rig.clock())[:10]
        covered = await program(
            "coverage", "--from", day, "--to", day, "--source", "proof:jira-audit", *env, "--json"
        )
        early = await program("coverage", "--from", "2020-01-01", "--to", day, "--source", "jira-audit", *env)
        turned = await program("coverage", "--from", today, "--to", "2020-01-01", *env)
        unknown = await program(
            "hold", "add", "--from", day, "--to", day, "--site", "x", "--reason", "y", *env
        )
        held = await program(
            "hold",
            "add",
            "--from",
            day,
            "--to",
            day,
            "--source",
            "jira-audit",
            "--reason",
            "case 9",
            *env,
            "--json",
        )
        listed = await program("hold", "list", *env)
        status = await program("status", *env, "--json")
        removed = await program("hold", "remove", str(held.json["hold"]), "--reason", "closed", *env)
        again = await program("hold", "remove", str(held.json["hold"]), "--reason", "closed", *env)
        log = await program("custody", "list", "--action", "hold_added", *env, "--json")
        checked = await program("custody", "verify", *env)

    assert (covered.code, covered.json["verdict"]) == (0, "complete")
    assert early.code == 1
    assert "older-than-retention" in early.out
    assert (turned.code, unknown.code) == (2, 2)
    assert "no site is called x" in unknown.error
    assert held.code == 0
    assert f"atlaslens-audit-{day[:7].replace('-', '.')}" in held.json["months"]
    assert listed.code == 0
    assert "case 9" in listed.out
    assert (status.code, status.json["holds"][0]["missing"]) == (0, [])
    assert (removed.code, again.code) == (0, 2)
    assert log.json["rows"][-1]["reason"] == "case 9"
    assert log.json["rows"][-1]["what"]["source"] == "jira-audit"
    assert (checked.code, checked.out.startswith("ok: ")) == (0, True)
