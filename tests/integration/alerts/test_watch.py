"""Rules on events that really arrive: one alert for each deed, none for the past, and a signed call."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from contextlib import asynccontextmanager

import httpx
import pytest
from aiohttp import web
from pydantic import SecretStr

from atlaslens_forwarder.detections.catalogue import load_catalogue
from atlaslens_forwarder.model.time import DAY_MS, parse_iso_ms
from atlaslens_forwarder.service.alerts.delivery import Delivery
from atlaslens_forwarder.service.alerts.watch import AlertWatch, open_alert_watch
from atlaslens_forwarder.service.alerts.webhook import Webhook
from atlaslens_forwarder.settings import AlertSettings
from atlaslens_forwarder.simulator import JIRA_AUDIT
from atlaslens_forwarder.storage.alerts import AlertStore
from atlaslens_forwarder.telemetry.metrics import Metrics
from atlaslens_forwarder.telemetry.observer import Telemetry
from tests.integration.rig import NOW_MS, Clock

CATALOGUE = load_catalogue()
GRANT = {
    "summary": "Global permission added",
    "category": "permissions",
    "authorAccountId": "712020:sample-admin",
    "objectItem": {"name": "Global Permissions", "typeName": "PERMISSIONS"},
    "changedValues": [
        {"fieldName": "Permission", "changedTo": "Administer Jira"},
        {"fieldName": "Group", "changedTo": "contractors"},
    ],
    "associatedItems": [],
}


class Receiver:
    """A web server that takes calls, or refuses them as it is told."""

    def __init__(self):
        self.calls = []
        self.answers = []
        self.url = ""

    async def handle(self, request):
        self.calls.append((dict(request.headers), await request.read()))
        return web.Response(status=self.answers.pop(0) if self.answers else 204)

    @property
    def taken(self):
        return [json.loads(body) for _, body in self.calls]


@pytest.fixture
async def receiver():
    found = Receiver()
    app = web.Application()
    app.router.add_post("/hook", found.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    found.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    yield found
    await runner.cleanup()


@pytest.fixture
def open_rig(rigs, request):
    """Opens a rig that lives in days of its own, since the tests share one store."""
    names = sorted(item.name for item in request.session.items if item.path == request.path)
    number = names.index(request.node.name)

    async def opened(name, **options):
        return await rigs.open(name, clock=Clock(NOW_MS + number * 10 * DAY_MS), **options)

    return opened


@asynccontextmanager
async def watching(rig, receiver=None, *, names=("global-permission-granted",), most_attempts=5):
    """A watch on the rig's store, as a fresh process would open it."""
    metrics = Metrics()
    async with rig.forwarder() as forwarder, httpx.AsyncClient(trust_env=False) as http:
        alerts, telemetry = AlertStore(forwarder.store.client), Telemetry(metrics)
        delivery = receiver and Delivery(
            alerts,
            Webhook(receiver.url, "seeded-secret", http, rig.clock),
            telemetry,
            rig.clock,
            most_attempts=most_attempts,
        )
        watch = AlertWatch(
            forwarder.store,
            CATALOGUE.named(tuple(names)),
            CATALOGUE,
            telemetry,
            rig.clock,
            retention_days=365,
            delivery=delivery,
        )
        watch.metrics = metrics
        yield watch


async def alerts_of(rig):
    await rig.client.indices.refresh(index="atlaslens-alerts")
    answer = await rig.client.search(
        index="atlaslens-alerts", body={"size": 1000, "query": {"term": {"atlassian.site": rig.site}}}
    )
    return [hit["_source"] for hit in answer["hits"]["hits"]]


def grant(rig, **row):
    rig.simulator.site.feed(JIRA_AUDIT).add(rig.clock(), rig.clock(), override={**GRANT, **row})


async def settled(rig):
    """Everything of the past is read and looked at."""
    await rig.sync()
    async with watching(rig) as watch:
        await watch.evaluate()
    rig.clock.forward(hours=2)


async def test_a_permission_change_alerts_once_and_a_restart_does_not_double_it(open_rig):
    rig = await open_rig("alerts-once", size=120)
    await settled(rig)
    before = {alert["key"] for alert in await alerts_of(rig)}
    grant(rig)
    rig.clock.forward(minutes=3)
    await rig.sync()

    async with watching(rig) as watch:
        (new,) = await watch.evaluate()
        assert (
            watch.metrics.value("atlaslens_alerts_total", rule="global-permission-granted", level="high") == 1
        )
        assert await watch.evaluate() == []
    async with watching(rig) as watch:
        rig.clock.forward(minutes=4)
        assert await watch.evaluate() == []
    await rig.client.delete(index="atlaslens-state", id="alerts", refresh=True)
    async with watching(rig) as watch:  # even if it had forgotten how far it came
        assert await watch.evaluate() == []

    (alert,) = [each for each in await alerts_of(rig) if each["key"] not in before]
    assert alert["key"] == new
    assert alert["user"]["id"] == "712020:sample-admin"
    assert alert["group"]["name"] == "contractors"
    assert alert["delivery"]["state"] == "none"


async def test_the_past_never_alerts_however_much_of_it_there_is(open_rig):
    rig = await open_rig("alerts-past", size=10)
    for days in range(1, 40):
        at_ms = rig.clock() - days * DAY_MS
        rig.simulator.site.feed(JIRA_AUDIT).add(at_ms, at_ms, override=GRANT)
    reports = await rig.sync()
    assert rig.report(reports, JIRA_AUDIT).tally.stored > 39

    async with watching(rig) as watch:
        await watch.evaluate()

    assert await alerts_of(rig) == []


async def test_what_was_missed_while_we_were_down_alerts_afterwards(open_rig):
    rig = await open_rig("alerts-missed", size=60)
    await settled(rig)
    grant(rig)
    rig.clock.forward(hours=30)
    await rig.sync()

    async with watching(rig) as watch:
        assert len(await watch.evaluate()) == 1


async def test_a_burst_that_comes_in_two_rounds_is_one_alert(open_rig):
    rig = await open_rig("alerts-burst", size=60)
    await settled(rig)
    rule = ("many-permission-changes",)
    async with watching(rig, names=rule) as watch:
        for number in range(20):
            if number == 16:
                rig.clock.forward(minutes=2)
                await rig.sync()
                assert len(await watch.evaluate()) == 1
            grant(rig, description=f"number {number}")
            rig.clock.now_ms += 1_000
        rig.clock.forward(minutes=2)
        await rig.sync()
        assert await watch.evaluate() == []

    (alert,) = [each for each in await alerts_of(rig) if each["alert"]["rule"] == rule[0]]
    assert alert["alert"]["count"] == 15
    assert alert["alert"]["group"] == ["712020:sample-admin"]


async def test_looking_back_waits_until_the_past_was_read(open_rig):
    rig = await open_rig("alerts-new-admin", size=60)
    names = ("first-time-admin",)
    async with watching(rig, names=names) as watch:
        await rig.sync()
        await watch.evaluate()
        rig.clock.forward(hours=2)
        grant(rig, authorAccountId="712020:new-admin")
        rig.clock.forward(minutes=3)
        await rig.sync()
        assert len(await watch.evaluate()) == 1

        rig.clock.forward(minutes=10)
        grant(rig, authorAccountId="712020:new-admin")
        rig.clock.forward(minutes=3)
        await rig.sync()
        assert await watch.evaluate() == []

        cursor = f"cursor:{rig.site}:{JIRA_AUDIT}"
        found = (await rig.client.get(index="atlaslens-state", id=cursor))["_source"]
        found["state"]["covered"] = [[rig.clock() - DAY_MS, rig.clock()]]
        await rig.client.index(index="atlaslens-state", id=cursor, body=found, refresh=True)
        grant(rig, authorAccountId="712020:another-admin")
        rig.clock.forward(minutes=3)
        async with rig.forwarder() as forwarder:
            jira = next(each for each in forwarder.connectors.values() if each.id.source == JIRA_AUDIT)
            await jira.round(_stopped_after_the_first_window())
        before = watch.metrics.value("atlaslens_alerts_without_history_total")
        assert await watch.evaluate() == []
        assert watch.metrics.value("atlaslens_alerts_without_history_total") > before


def _stopped_after_the_first_window():
    stop = asyncio.Event()
    stop.set()
    return stop


async def test_the_webhook_is_signed_and_tried_again(open_rig, receiver):
    rig = await open_rig("alerts-hook", size=60)
    await settled(rig)
    grant(rig)
    rig.clock.forward(minutes=3)
    await rig.sync()
    receiver.answers = [503, 503]

    async with watching(rig, receiver) as watch:
        (new,) = await watch.evaluate()
        assert await watch.deliver() == 0
        assert await watch.deliver() == 0
        assert len(receiver.calls) == 1, "not before its time"
        rig.clock.now_ms += 5_000
        assert await watch.deliver() == 0
    rig.clock.now_ms += 9_999
    async with watching(rig, receiver) as watch:
        assert await watch.deliver() == 0
        rig.clock.now_ms += 1
        assert await watch.deliver() == 1
        assert await watch.deliver() == 0

    assert len(receiver.calls) == 3
    headers, body = receiver.calls[-1]
    signed = headers["Atlaslens-Timestamp"].encode() + b"." + body
    expected = hmac.new(b"seeded-secret", signed, hashlib.sha256).hexdigest()
    assert headers["Atlaslens-Signature"] == f"v1={expected}"
    assert int(headers["Atlaslens-Timestamp"]) == rig.clock() // 1000
    assert {call[0]["Atlaslens-Alert"] for call in receiver.calls} == {new}
    sent = receiver.taken[-1]
    assert sent["id"] == new
    assert sent["text"].startswith("[high] Global permission granted · ")
    assert sent["alert"]["user"]["id"] == "712020:sample-admin"
    assert "delivery" not in sent["alert"]
    (alert,) = [each for each in await alerts_of(rig) if each["key"] == new]
    assert (alert["delivery"]["state"], alert["delivery"]["attempts"]) == ("delivered", 3)
    assert parse_iso_ms(alert["delivery"]["delivered"]) == rig.clock()


async def test_what_cannot_be_delivered_is_kept(open_rig, receiver):
    rig = await open_rig("alerts-dead", size=60)
    await settled(rig)
    grant(rig)
    rig.clock.forward(minutes=3)
    await rig.sync()
    receiver.answers = [400, 500]

    async with watching(rig, receiver, most_attempts=2) as watch:
        (new,) = await watch.evaluate()
        await watch.deliver()
        rig.clock.forward(hours=1)
        await watch.deliver()
        rig.clock.forward(hours=20)
        assert await watch.deliver() == 0

    (alert,) = [each for each in await alerts_of(rig) if each["key"] == new]
    assert alert["delivery"] == {"state": "dead", "attempts": 2, "error": "status 500"}
    assert len(receiver.calls) == 2


@pytest.mark.parametrize(("evaluate", "watched"), [("auto", True), ("always", True), ("never", False)])
async def test_settings_say_whether_we_evaluate(open_rig, evaluate, watched):
    rig = await open_rig(f"alerts-{evaluate}", size=10)
    alerts = AlertSettings(
        evaluate=evaluate, webhook_url=SecretStr("http://127.0.0.1:1/hook"), webhook_secret=SecretStr("s")
    )
    settings = rig.settings.model_copy(update={"alerts": alerts})
    async with (
        rig.forwarder() as forwarder,
        open_alert_watch(settings, forwarder.store, Telemetry(Metrics()), rig.clock) as watch,
    ):
        assert (watch is not None) is watched
        if watch is not None:
            await watch.tick()
