"""``views``: tables, one HTML file, JSON; filters checked as export checks them."""

from __future__ import annotations

from tests.unit.views.checked_page import check_page


async def test_views_are_printed_written_and_told_as_json(program, open_site, tmp_path):
    more = {"SITES__SEEN__SOURCES": '["jira-audit", "confluence-audit", "people"]'}
    async with open_site("seen", size=80, more=more) as (rig, env_file):
        env = ("--env-file", env_file)
        assert (await program("sync", *env)).code == 0
        person = next(one for one in rig.simulator.site.world.people.staff if one.email)
        year = ("--from", "2020-01-01", "--to", "2040-01-01")
        printed = await program("views", "security", *env, *year)
        file = tmp_path / "views.html"
        written = await program("views", *env, "--html", file, "--user", person.email)
        text = file.read_text(encoding="utf-8")
        again = await program("views", *env, "--html", file)
        replaced = await program("views", "overview", *env, "--html", file, "--force", "--json")
        told = await program("views", "overview", *env, *year, "--product", "jira", "--json")
        none = await program("views", "overview", *env, *year, "--object", "no such object", "--json")
        health = await program("views", "sync-health", *env)
        misspelt = await program("views", "overview", *env, "--product", "jirra")
        unknown = await program("views", "nothing", *env)
        stranger = await program("views", *env, "--group", "no such group")
        folder = await program("views", "overview", *env, "--html", tmp_path, "--force")

    assert printed.code == 0
    assert "Permission changes" in printed.out
    assert "not read" in printed.out or "Not collected" in printed.out
    assert written.code == 0
    assert {"overview", "security", "timeline", "sync-health"} <= {*check_page(text).ids}
    assert person.email not in text
    assert file.stat().st_mode & 0o007 == 0
    assert "security" not in check_page(file.read_text(encoding="utf-8")).ids
    assert (again.code, again.out) == (2, "")
    assert "exists" in again.error
    assert replaced.json["html"] == str(file)
    jira = told.json["views"]["overview"]
    assert jira["overview-total"]["content"]["value"] > 0
    assert [row[0]["text"] for row in jira["overview-by-product"]["content"]["rows"]] == ["jira"]
    assert none.json["views"]["overview"]["overview-total"]["content"]["value"] == 0
    assert none.json["filters"] == {"object": "no such object"}
    assert none.json["unheeded"] == ["object"]
    assert "seen:jira-audit" in health.out
    assert (misspelt.code, unknown.code, stranger.code, folder.code) == (2, 2, 2, 2)
    assert "did you mean jira" in misspelt.error
