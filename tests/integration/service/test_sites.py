"""Several sites side by side, each its own; a site or key file that is not the one of before is refused."""

from __future__ import annotations

import pytest
from pydantic import SecretStr

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.simulator import JIRA_AUDIT
from tests.integration.rig import SOURCES, Clock, Rig, make_settings, site_settings


async def test_two_sites_are_read_side_by_side_and_kept_apart(rigs):
    clock = Clock()
    sims = {
        "north": await rigs.simulator("north", clock, size=80, seed=3),
        "south": await rigs.simulator("south", clock, size=90, seed=4),
    }
    settings = make_settings(rigs.folder, rigs.url, {name: site_settings(sim) for name, sim in sims.items()})
    north, south = (Rig(sims[name], settings, clock, rigs.client, name) for name in sims)

    reports = await north.sync()

    assert set(reports) == {f"{name}:{source}" for name in sims for source in SOURCES}
    await north.assert_equals_truth()
    await south.assert_equals_truth()
    ids = {doc["organization"]["id"] for doc in await south.docs("audit")}
    assert ids == {sims["south"].cloud_id} != {sims["north"].cloud_id}


async def test_one_source_of_one_site_can_be_asked_for_alone(rigs):
    rig = await rigs.open("alone", size=40)

    assert set(await rig.sync(wanted=["alone:jira-audit"])) == {"alone:jira-audit"}
    assert await rig.events("confluence-audit") == []
    with pytest.raises(ConfigError, match="no source is called jira-audits"):
        await rig.sync(wanted=["jira-audits"])


@pytest.mark.parametrize("kind", ["scoped", "bearer"])
async def test_tokens_of_the_gateway_read_through_its_paths(rigs, kind):
    rig = await rigs.open(f"gateway-{kind}", size=60)
    token = getattr(rig.simulator.credentials, f"{kind}_token")
    changes = {"token_kind": kind, "gateway_url": rig.simulator.url, "api_token": SecretStr(token)}
    rig.settings = rig.settings.model_copy(
        update={"sites": {rig.site: rig.settings.sites[rig.site].model_copy(update=changes)}}
    )

    await rig.sync()

    await rig.assert_equals_truth()
    for source in SOURCES:
        product = source.removesuffix("-audit")
        prefix = f"/ex/{product}/{rig.simulator.cloud_id}/"
        assert all(request["path"].startswith(prefix) for request in rig.pages(source))
        assert {request["caller"] for request in rig.pages(source)} == {kind}


async def test_another_site_under_a_known_name_is_refused(rigs):
    rig = await rigs.open("moved", size=40)
    await rig.sync()
    stored = len(await rig.docs("audit"))
    other = await rigs.simulator("elsewhere", rig.clock, size=40)
    rig.settings = make_settings(
        rigs.folder, rigs.url, {"moved": site_settings(other, cloud_id=other.cloud_id)}
    )
    rig.clock.forward(minutes=5)

    for report in (await rig.sync()).values():
        assert report.status.value == "no-permission"
        assert "another cloud id" in report.error.message
        assert "name of its own" in report.error.hint
    assert len(await rig.docs("audit")) == stored


async def test_a_lost_key_file_is_refused_before_anything_is_written(rigs, tmp_path):
    rig = await rigs.open("keyless", size=40)
    await rig.sync()
    windows = len(await rig.windows(JIRA_AUDIT))
    rig.settings = make_settings(tmp_path, rigs.url, rig.settings.sites)

    with pytest.raises(ConfigError, match="there is no key file") as caught:
        await rig.sync()

    assert "backup" in caught.value.hint
    assert len(await rig.windows(JIRA_AUDIT)) == windows
