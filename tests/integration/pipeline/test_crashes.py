"""A forwarder that dies between any two steps loses nothing, stores nothing twice and recovers by itself."""

from __future__ import annotations

import pytest

from atlaslens_forwarder.model.time import MINUTE_MS
from atlaslens_forwarder.pipeline.steps import Step
from atlaslens_forwarder.simulator import JIRA_AUDIT
from tests.integration.crashes import Crash, crash_at, kill_at
from tests.integration.rig import SOURCES

SMALL = {"size": 120, "poisoned_rows": 2, "page_limit": 12, "twin_rate": 0.1}


async def assert_recovered(rig):
    """A sync of today's world finds everything, once, and covers all time."""
    await rig.sync()

    await rig.assert_equals_truth()
    kept = [doc["quarantine"]["row_identity"] for doc in await rig.docs("quarantine")]
    assert len(kept) == len(set(kept)) == len(SOURCES) * SMALL["poisoned_rows"]
    for source in SOURCES:
        (span,) = (await rig.cursor(source)).covered.spans
        assert span[1] == rig.clock() - MINUTE_MS
        assert span[1] - span[0] > 364 * 24 * 3_600_000
        stored = sum(window["stored"] for window in await rig.windows(source))
        assert stored <= len(await rig.events(source))


@pytest.mark.parametrize("occurrence", [1, 2])
@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.value)
async def test_an_exception_at_a_step_costs_nothing(rigs, step, occurrence):
    rig = await rigs.open(f"raise-{step.value}-{occurrence}", **SMALL)

    with pytest.raises(BaseException) as caught:  # noqa: PT011  a group of one when windows run side by side
        await rig.sync(on_step=crash_at(step, occurrence), wanted=[JIRA_AUDIT])

    assert (
        caught.group_contains(Crash)
        if caught.errisinstance(BaseExceptionGroup)
        else caught.errisinstance(Crash)
    )
    await assert_recovered(rig)


@pytest.mark.parametrize("occurrence", [1, 2])
@pytest.mark.parametrize("step", list(Step), ids=lambda step: step.value)
async def test_a_kill_at_a_step_costs_nothing(rigs, tmp_path, step, occurrence):
    rig = await rigs.open(f"kill-{step.value}-{occurrence}", **SMALL)

    await kill_at(rig, tmp_path, step, occurrence)

    await assert_recovered(rig)
