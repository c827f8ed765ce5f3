"""Months come into being explicitly, dated at their start, append-only, and only with our templates."""

from __future__ import annotations

import asyncio

import pytest

from atlaslens_forwarder.errors import StoreError
from atlaslens_forwarder.model.time import parse_iso_ms
from atlaslens_forwarder.storage.months import APPEND_ONLY, MonthKeeper, read_settings
from atlaslens_forwarder.storage.names import months_ahead
from atlaslens_forwarder.storage.plugins import Plugins


def keeper(client, **options):
    return MonthKeeper(client, plugins=Plugins(), **options)


async def test_a_month_is_dated_at_its_start_and_append_only(store):
    name = "atlaslens-audit-2018.02"

    assert await keeper(store).ensure_months([name]) == [name]

    settings = (await read_settings(store, [name]))[name]
    assert int(settings["index.creation_date"]) == parse_iso_ms("2018-02-01T00:00:00Z")
    assert settings[APPEND_ONLY] == "true"


async def test_months_that_exist_are_not_created_again(store):
    names = ["atlaslens-audit-2018.03", "atlaslens-activity-2018.03"]

    assert sorted(await keeper(store).ensure_months(names)) == sorted(names)
    assert await keeper(store).ensure_months(names) == []


async def test_two_forwarders_may_create_the_same_month_at_once(store):
    name = "atlaslens-audit-2018.04"

    await asyncio.gather(*(keeper(store).ensure_months([name]) for _ in range(5)))

    assert set(await read_settings(store, [name])) == {name}


async def test_a_month_is_found_through_the_alias_of_all_events(store):
    name = "atlaslens-activity-undated-2018.05"

    await keeper(store).ensure_months([name])

    assert await store.indices.exists_alias(index=name, name="atlaslens-events")


async def test_many_months_are_looked_up_in_parts(store):
    names = [f"atlaslens-audit-{year}.{month:02d}" for year in range(1900, 1910) for month in range(1, 13)]

    assert await read_settings(store, names) == {}


async def test_a_mutable_month_is_refused_unless_accepted(store):
    name = "atlaslens-audit-2018.06"
    await store.indices.create(index=name, body={"settings": {"index.append_only.enabled": False}})
    try:
        with pytest.raises(StoreError, match="not append-only"):
            await keeper(store).ensure_months([name])

        assert await keeper(store, accept_mutable=True).ensure_months([name]) == []
    finally:
        await store.indices.delete(index=name)


async def test_a_month_dated_before_its_start_is_refused(store):
    name = "atlaslens-audit-2018.07"
    body = {"settings": {"index.creation_date": parse_iso_ms("2017-01-01T00:00:00Z")}}
    await store.indices.create(index=name, body=body)
    try:
        with pytest.raises(StoreError, match="dated before its start"):
            await keeper(store).ensure_months([name])
    finally:
        await store.indices.delete(index=name)


async def test_without_our_template_no_month_is_created(store):
    name = "atlaslens-quarantine-2018.08"
    template = await store.indices.get_index_template(name="atlaslens-quarantine")
    await store.indices.delete_index_template(name="atlaslens-quarantine")
    try:
        with pytest.raises(StoreError, match="missing or not ours"):
            await keeper(store).ensure_months([name])
        assert await read_settings(store, [name]) == {}
    finally:
        body = template["index_templates"][0]["index_template"]
        await store.indices.put_index_template(name="atlaslens-quarantine", body=body)


async def test_what_is_not_a_month_is_a_mistake_of_the_caller(store):
    with pytest.raises(ValueError, match="not a month index"):
        await keeper(store).ensure_months(["atlaslens-nothing"])


async def test_a_month_that_was_removed_is_created_again_after_forget(store):
    name = "atlaslens-audit-2018.09"
    one = keeper(store)
    await one.ensure_months([name])
    await store.indices.delete(index=name)

    assert await one.ensure_months([name]) == []
    one.forget()
    assert await one.ensure_months([name]) == [name]


async def test_this_month_and_the_next_are_made_ahead(store):
    now_ms = parse_iso_ms("2017-12-31T00:00:00Z")

    created = await keeper(store).ensure_ahead(now_ms)

    assert sorted(created) == sorted(months_ahead(now_ms))
    assert "atlaslens-windows-2018.01" in created


async def test_a_write_never_creates_a_month(store):
    name = "atlaslens-audit-1999.01"

    answer = await store.bulk(body=[{"create": {"_index": name, "_id": "1"}}, {"message": "x"}])

    assert answer["items"][0]["create"]["status"] == 404
    assert not await store.indices.exists(index=name)
