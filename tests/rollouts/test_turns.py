"""What is asked while a step is under way is decided in its turn, on what that step has left."""

import asyncio

import pytest

from activities.cases.aggregate import CaseActivities
from activities.cases.step import Step, StepResult
from tests.rollouts.real_world import RealWorld
from tests.workflows.world import eventually


async def test_a_step_that_people_can_see_is_not_denied_by_the_case(
    real_world: RealWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    take_step, told = CaseActivities._take_step, asyncio.Event()

    async def tells_late(self: CaseActivities, step: Step) -> StepResult:
        result = await take_step(self, step)
        if step.kind == "closed":
            # As when a worker dies between its commit and its answer: people see the step, the case hears of it later.
            await told.wait()
        return result

    monkeypatch.setattr(CaseActivities, "_take_step", tells_late)
    async with real_world.workers("tells late"):
        life = await real_world.open_ticket()
        closing = asyncio.create_task(life.does("agent", "close"))
        await eventually(life.read, lambda ticket: ticket["status"] == "closed")
        try:
            reopened = await life.does("agent", "reopen", reason="By mistake")
        finally:
            told.set()
        assert reopened.status_code == 202, reopened.text
        assert (await real_world.settled(reopened.headers["Command-Id"]))["status"] == "done"
        assert (await closing).status_code in (200, 202)
        assert await life.kinds() == ["opened", "closed", "reopened"]
