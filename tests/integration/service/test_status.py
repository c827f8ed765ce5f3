"""Every way in which a source can refuse us has a name, touches no other source and ends by itself."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

import pytest

from atlaslens_forwarder.model.time import DAY_MS
from atlaslens_forwarder.simulator import CONFLUENCE_AUDIT, EVERYWHERE, JIRA_AUDIT, FaultPlan

SMALL = {"size": 60}


def set_faults(rig, **faults):
    rig.simulator.site.set_faults(FaultPlan(**({"bucket_size": 100_000} | faults)))


async def health(rig, source):
    found = await rig.client.get(index="atlaslens-state", id=f"health:{rig.site}:{source}")
    return found["_source"]["state"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"free_plan": ("jira",)}, "no-plan"),
        ({"no_permission": ("jira",)}, "no-permission"),
        ({"gone": ("jira",)}, "unreadable"),
    ],
)
async def test_a_refused_source_is_named_and_the_other_goes_on_and_it_recovers(rigs, fault, status):
    rig = await rigs.open(f"refused-{status}", **SMALL, **fault)

    reports = await rig.sync()

    refused, other = rig.report(reports, JIRA_AUDIT), rig.report(reports, CONFLUENCE_AUDIT)
    assert (refused.status.value, other.status.value) == (status, "ok")
    assert refused.error.hint
    assert other.tally.stored == len(list(rig.simulator.truth(CONFLUENCE_AUDIT)))
    assert not (await rig.cursor(JIRA_AUDIT)).covered
    (window,) = await rig.windows(JIRA_AUDIT)
    assert (window["covered"], window["access_proven"]) == (False, False)
    assert (await health(rig, JIRA_AUDIT))["status"] == status

    set_faults(rig)
    rig.clock.forward(minutes=1)
    await rig.sync()
    assert (await health(rig, JIRA_AUDIT))["status"] == "ok"
    assert (await health(rig, JIRA_AUDIT))["message"] == ""
    await rig.assert_equals_truth()


@pytest.mark.parametrize(
    "fault",
    [{"expired_token": True}, {"silent_anonymous": True}, {"login_page": "html"}, {"login_page": "redirect"}],
    ids="-".join,
)
async def test_a_dead_token_covers_nothing_even_where_answers_look_empty(rigs, fault):
    rig = await rigs.open(
        f"dead-{'-'.join(map(str, fault.values())).lower()}-{next(iter(fault))[:4]}", **SMALL, **fault
    )

    for source, report in (await rig.sync()).items():
        assert report.status.value == "expired"
        name = source.partition(":")[2]
        assert not (await rig.cursor(name)).covered
        assert await rig.events(name) == []


async def test_a_token_that_expires_in_the_middle_keeps_what_was_read_and_covers_no_more(rigs):
    rig = await rigs.open("expiring", size=300, page_limit=10, expires_after=12)

    reports = await rig.sync()

    assert {report.status.value for report in reports.values()} == {"expired"}
    for source in (JIRA_AUDIT, CONFLUENCE_AUDIT):
        covered = (await rig.cursor(source)).covered
        truth, stored = rig.truth(source), await rig.stored(source)
        at = 1 if source == JIRA_AUDIT else 0
        claimed = Counter({facts: n for facts, n in truth.items() if covered.contains(int(facts[at]))})
        assert 0 < stored.total() < truth.total()
        assert not stored - truth
        assert not claimed - stored, "covered, but not stored"
    set_faults(rig)
    rig.clock.forward(minutes=1)
    assert {report.status.value for report in (await rig.sync()).values()} == {"ok"}
    await rig.assert_equals_truth()


async def test_access_is_proven_by_asking_who_we_are_before_an_empty_answer_counts(rigs):
    rig = await rigs.open("nobody", **SMALL, silent_anonymous=True)
    answer = rig.simulator._gate.answer

    def without_a_hint(request):
        outcome = answer(request)
        kept = {name: value for name, value in outcome.answer.headers.items() if "Seraph" not in name}
        return replace(outcome, answer=replace(outcome.answer, headers=kept))

    rig.simulator._gate.answer = without_a_hint

    assert {report.status.value for report in (await rig.sync()).values()} == {"expired"}
    for source in (JIRA_AUDIT, CONFLUENCE_AUDIT):
        assert not (await rig.cursor(source)).covered
        assert rig.pages(source) == []


async def test_a_token_that_silently_turns_anonymous_between_rounds_covers_no_more(rigs):
    rig = await rigs.open("anonymous", **SMALL)
    await rig.sync()
    before = {source: (await rig.cursor(source)).covered for source in (JIRA_AUDIT, CONFLUENCE_AUDIT)}
    set_faults(rig, silent_anonymous=True)
    rig.clock.forward(hours=3)

    await rig.sync()

    for source, covered in before.items():
        assert (await rig.cursor(source)).covered == covered
    found = await rig.coverage(rig.clock() - DAY_MS, rig.clock())
    stated = found["connectors"]["anonymous:jira-audit"]
    assert stated["verdict"] == "holes"
    assert stated["holes"][0]["reason"] == (await health(rig, JIRA_AUDIT))["message"] != ""


async def test_a_missing_scope_is_told_from_an_expired_token(rigs):
    rig = await rigs.open("scopeless", **SMALL, no_scope=EVERYWHERE)
    scoped = rig.settings.sites["scopeless"].model_copy(
        update={
            "token_kind": "scoped",
            "gateway_url": rig.simulator.url,
            "api_token": type(rig.settings.sites["scopeless"].api_token)(
                rig.simulator.credentials.scoped_token
            ),
        }
    )
    rig.settings = rig.settings.model_copy(update={"sites": {"scopeless": scoped}})

    assert {report.status.value for report in (await rig.sync()).values()} == {"no-scope"}
    set_faults(rig)
    rig.clock.forward(minutes=1)
    assert {report.status.value for report in (await rig.sync()).values()} == {"ok"}
    await rig.assert_equals_truth()
    assert all(request["path"].startswith("/ex/") for request in rig.pages(JIRA_AUDIT))


async def test_endless_throttling_is_a_status_and_not_an_endless_wait(rigs):
    rig = await rigs.open("throttled", **SMALL, throttle_bare=1.0, failures_in_a_row=1000)

    async with asyncio.timeout(20):
        reports = await rig.sync()

    assert {report.status.value for report in reports.values()} == {"throttled"}


async def test_a_wait_longer_than_our_patience_ends_the_round(rigs):
    rig = await rigs.open("patience", **SMALL, throttle=1.0, retry_after_s=900, failures_in_a_row=1000)

    async with asyncio.timeout(20):
        reports = await rig.sync()

    for report in reports.values():
        assert report.status.value == "throttled"
        assert report.error.wait_s >= 900


async def test_a_site_that_is_down_is_unreachable_and_found_again(rigs):
    rig = await rigs.open("down", **SMALL)
    await rig.sync()
    port = rig.simulator.url.rpartition(":")[2]
    await rig.simulator.stop()
    rig.clock.forward(hours=2)

    assert {report.status.value for report in (await rig.sync()).values()} == {"unreachable"}

    rig.simulator._port = int(port)
    await rig.simulator.start()
    assert {report.status.value for report in (await rig.sync()).values()} == {"ok"}
    for source in (JIRA_AUDIT, CONFLUENCE_AUDIT):
        assert len((await rig.cursor(source)).covered.spans) == 1
    await rig.assert_equals_truth()


async def test_a_site_that_never_answered_is_unreachable(rigs):
    rig = await rigs.open("absent", **SMALL)
    await rig.simulator.stop()

    for report in (await rig.sync()).values():
        assert report.status.value == "unreachable"
        assert "check the site address" in report.error.hint


async def test_a_slow_source_does_not_delay_the_other(rigs):
    rig = await rigs.open("slow", **SMALL, throttle_bare=0.0)
    rig.simulator.site.set_faults(FaultPlan(bucket_size=100_000))
    gate = rig.simulator._gate
    answer = gate.answer
    done: list[str] = []

    def slow_jira(request):
        outcome = answer(request)
        return type(outcome)(outcome.answer, outcome.caller, 0.4) if "auditing" in request.path else outcome

    gate.answer = slow_jira
    async with rig.forwarder() as forwarder:

        async def one(connector):
            await connector.round(asyncio.Event())
            done.append(connector.id.source)

        await asyncio.gather(*(one(connector) for connector in forwarder.connectors.values()))

    assert done == [CONFLUENCE_AUDIT, JIRA_AUDIT]
