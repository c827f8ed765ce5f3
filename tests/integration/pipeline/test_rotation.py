"""Keys are rotated while events are read again and again: nothing is stored twice, nothing looks altered."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.errors import ConfigError
from atlaslens_forwarder.model.time import DAY_MS, iso_ms
from atlaslens_forwarder.privacy.key_file import rotate
from atlaslens_forwarder.privacy.keyring import Keyring, KeyUse
from atlaslens_forwarder.privacy.origin import origin_of
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.storage.names import Family, month_index
from tests.integration.rig import SOURCES


async def test_rows_read_again_under_new_keys_are_repeats(rigs):
    rig = await rigs.open("rotated", size=300)
    await rig.sync()
    before = {source: await rig.events(source) for source in SOURCES}
    assert any("[email:" in doc["event"]["original"] for docs in before.values() for doc in docs)

    for uses in ([KeyUse.BLIND], [KeyUse.ORIGIN], list(KeyUse)):
        keyring = rotate(rig.settings.keyring_path, uses)
        rig.clock.forward(minutes=5)
        reports = await rig.sync(since_ms=rig.clock() - 365 * DAY_MS)

        assert sum(report.tally.stored + report.tally.conflict for report in reports.values()) == 0
        assert sum(report.tally.repeat for report in reports.values()) >= 300
    for source in SOURCES:
        events = await rig.events(source)
        assert events == before[source]
        assert all(origin_of(doc, keyring) for doc in events)


async def test_an_event_that_is_not_ours_stays_a_conflict_whatever_keys_there_are(rigs):
    rig = await rigs.open("altered", size=60)
    Keyring.load_or_create(rig.settings.keyring_path)
    rotate(rig.settings.keyring_path, list(KeyUse))
    victim = next(iter(rig.simulator.truth(JIRA_AUDIT)))
    event_id = f"jira:audit:{rig.simulator.cloud_id}:{victim.key}"
    forged = {"@timestamp": iso_ms(victim.at_ms), "event": {"id": event_id, "hash": "00000000:00"}}
    async with rig.forwarder() as forwarder:
        index = month_index(Family.AUDIT, victim.at_ms)
        await forwarder.store.months.ensure_months([index])
    await rig.client.create(index=index, id=event_id, body=forged)

    report = rig.report(await rig.sync(wanted=[JIRA_AUDIT]), JIRA_AUDIT)

    assert report.tally.conflict == 1


async def test_an_older_copy_of_the_key_file_is_refused(rigs):
    rig = await rigs.open("older", size=20)
    await rig.sync()
    path = rig.settings.keyring_path
    older = path.read_bytes()
    rotate(path, [KeyUse.ORIGIN])
    await rig.sync()
    newer = path.read_bytes()

    path.write_bytes(older)
    try:
        with pytest.raises(ConfigError, match="lacks the origin key"):
            await rig.sync()
    finally:
        path.write_bytes(newer)
