"""A document is ours when its hash is valid and it stands where it belongs."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.privacy.keyring import Keyring
from atlaslens_forwarder.privacy.origin import stamp
from atlaslens_forwarder.seals.leaf import Document
from atlaslens_forwarder.service.seals.endorse import endorser

KEYRING = Keyring.generate()
AT = "2026-01-31T23:59:59.999Z"
PLACES = {
    "atlaslens-audit-2026.01": ("e:1", {"event": {"id": "e:1"}, "atlassian": {"pipeline": "audit"}}),
    "atlaslens-activity-2026.01": ("e:2", {"event": {"id": "e:2"}, "atlassian": {"pipeline": "activity"}}),
    "atlaslens-activity-undated-2027.05": (
        "e:3",
        {"event": {"id": "e:3"}, "atlassian": {"pipeline": "activity"}},
    ),
    "atlaslens-quarantine-2026.02": ("q:1", {"event": {"id": "q:1"}, "quarantine": {"reason": "x"}}),
    "atlaslens-windows-2026.01": ("w:1", {"event": {}, "window": {"id": "w:1"}}),
    "atlaslens-custody": ("000000000007", {"event": {"id": "custody:000000000007"}}),
}


DATED, UNDATED = "atlaslens-activity-2026.01", "atlaslens-activity-undated-2027.05"
UNTOLD = {"atlaslens-audit-2026.01": {UNDATED}, DATED: {UNDATED}, UNDATED: {DATED}}
"""A date that an outsider can set does not say whether it was believed."""


def document(index, **changes):
    own_id, parts = PLACES[index]
    source = {"@timestamp": AT, **parts}
    source["event"] = dict(source["event"])
    stamp(source, KEYRING)
    source["event"]["ingested"] = "2026-02-01T00:00:00.000Z"
    return Document(1, changes.pop("id", own_id), source | changes)


@pytest.mark.parametrize("index", PLACES)
def test_each_kind_is_endorsed_in_its_place_and_under_its_id_only(index):
    endorse = endorser(KEYRING)

    assert endorse(index, document(index))
    assert not endorse(index, document(index, id="another"))
    assert not endorse(index, document(index, tags="altered"))
    assert not endorser(Keyring.generate())(index, document(index))
    elsewhere = {other for other in PLACES if other != index and endorse(other, document(index))}
    assert elsewhere == UNTOLD.get(index, set())


def test_a_copy_in_another_month_is_not_endorsed():
    endorse = endorser(KEYRING)
    for index in ("atlaslens-audit-2026.01", "atlaslens-activity-2026.01", "atlaslens-windows-2026.01"):
        assert not endorse(index.replace("2026.01", "2026.02"), document(index))
        assert not endorse(index, document(index, **{"@timestamp": "never"}))
