"""The store itself refuses to change or remove a single event, whoever asks."""

from __future__ import annotations

import pytest
from opensearchpy.exceptions import ConflictError, TransportError

from atlaslens_forwarder.storage.months import MonthKeeper
from atlaslens_forwarder.storage.plugins import Plugins

INDEX = "atlaslens-audit-2016.01"
DOC = {"@timestamp": "2016-01-02T03:04:05.678Z", "event": {"hash": "k:1"}, "message": "as it was"}
ALL = {"query": {"match_all": {}}}


@pytest.fixture(scope="module")
async def month(store):
    """A month that holds one event."""
    await MonthKeeper(store, plugins=Plugins()).ensure_months([INDEX])
    await store.create(index=INDEX, id="1", body=DOC, params={"refresh": "true"})
    return store


@pytest.fixture(autouse=True)
async def _unchanged(month):
    yield
    found = await month.get(index=INDEX, id="1")
    assert found["_source"] == DOC
    assert found["_version"] == 1


async def test_an_overwrite_is_refused(month):
    with pytest.raises(TransportError) as caught:
        await month.index(index=INDEX, id="1", body={**DOC, "message": "altered"})

    assert caught.value.status_code == 400


async def test_an_overwrite_by_sequence_number_is_refused(month):
    with pytest.raises(TransportError) as caught:
        await month.index(index=INDEX, id="1", body=DOC, params={"if_seq_no": 0, "if_primary_term": 1})

    assert caught.value.status_code == 400


async def test_an_update_is_refused(month):
    with pytest.raises(TransportError) as caught:
        await month.update(index=INDEX, id="1", body={"doc": {"message": "altered"}})

    assert caught.value.status_code == 400


async def test_a_delete_is_refused(month):
    with pytest.raises(TransportError) as caught:
        await month.delete(index=INDEX, id="1")

    assert caught.value.status_code == 400


@pytest.mark.parametrize("operation", ["index", "update", "delete"])
async def test_the_same_in_bulk_is_refused(month, operation):
    lines = [{operation: {"_index": INDEX, "_id": "1"}}]
    if operation != "delete":
        lines.append({"doc": DOC} if operation == "update" else DOC)

    answer = await month.bulk(body=lines)

    assert answer["items"][0][operation]["status"] == 400


async def test_a_delete_by_query_is_refused(month):
    with pytest.raises(TransportError) as caught:
        await month.delete_by_query(index=INDEX, body=ALL)

    assert caught.value.status_code == 400


async def test_an_update_by_query_is_refused(month):
    with pytest.raises(TransportError) as caught:
        await month.update_by_query(index=INDEX, body=ALL)

    assert caught.value.status_code == 400


async def test_the_setting_cannot_be_turned_off(month):
    with pytest.raises(TransportError) as caught:
        await month.indices.put_settings(index=INDEX, body={"index.append_only.enabled": False})

    assert caught.value.status_code == 400


async def test_a_second_create_is_a_conflict(month):
    with pytest.raises(ConflictError):
        await month.create(index=INDEX, id="1", body=DOC)
