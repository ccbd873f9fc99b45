"""Cases that are open while their code changes under them."""

from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause

from ops.begin_anew import run_anew
from ops.checks import engine as checks
from ops.trouble import Trouble
from tests.rollouts.lifecycles import LooksTwice, LooksTwiceFromNowOn, with_tickets
from tests.rollouts.real_world import RealWorld
from tests.workflows.world import Life, eventually

A_DAY, A_MINUTE = timedelta(days=1), timedelta(minutes=1)
NONDETERMINISM = WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR


async def _answered(world: RealWorld) -> Life:
    """A ticket whose customer has been sent a message: its history shows what came before that."""
    life = await world.open_ticket(received=True)
    asked = await life.does("agent", "messages", body="Canary: which?", status="waiting_for_response")
    assert asked.status_code == 201, asked.text
    await life.mails(1)
    return life


async def test_a_patch_takes_open_cases_along(real_world: RealWorld) -> None:
    async with real_world.workers("older"):
        been_there, fresh = await _answered(real_world), await real_world.open_ticket(received=True)
        async with real_world.workers("patched", with_tickets(LooksTwiceFromNowOn)):
            for life in (been_there, fresh):
                await _goes_on(life)
        # A run that has been past the place keeps to the old way; one that comes to it first goes the new one.
        assert "look-once-more" not in str(await real_world.history(been_there.case))
        assert "look-once-more" in str(await real_world.history(fresh.case))


@pytest.mark.parametrize("forward", [pytest.param(True, id="rolled forward"), pytest.param(False, id="rolled back")])
async def test_without_one_the_case_waits_and_loses_nothing(real_world: RealWorld, forward: bool) -> None:
    async with real_world.workers("older"):
        life = await _answered(real_world)
        async with real_world.workers(f"hasty-{forward}", with_tickets(LooksTwice)):
            answer = await life.does("client", "messages", body="Canary: that one")
            assert answer.status_code == 202, answer.text
            await eventually(lambda: _failures(real_world, life), lambda causes: NONDETERMINISM in causes)
            said = await eventually(lambda: _workflow_tasks(real_world), lambda told: life.case in told)
            assert said.startswith(f"those of 1 runs fail, {life.case} first: ")
            assert await life.kinds() == ["opened", "agent_replied"]
            # Only cases that were open before are held up.
            another = await real_world.open_ticket(received=True)
            assert (await another.does("agent", "close")).status_code == 200
        async with AsyncExitStack() as mended:
            if forward:
                await mended.enter_async_context(real_world.workers("mended", with_tickets(LooksTwiceFromNowOn)))
            else:
                await real_world.make_current("older")
            assert (await real_world.settled(answer.json()["command_id"]))["status"] == "done"
            assert await life.kinds() == ["opened", "agent_replied", "customer_replied"]
            await _goes_on(life)
            await eventually(lambda: _workflow_tasks(real_world), lambda told: told == "none fails")


async def test_the_doctor_says_which_version_is_current_and_whether_it_is_there(real_world: RealWorld) -> None:
    config = real_world.settings.model_copy(update={"build_id": "mine"})
    async with real_world.workers("mine"):
        assert await checks.worker_version(config) == "mine is current"
    async with real_world.workers("theirs"):
        assert await checks.worker_version(config) == "theirs is current; this code is mine"
    nobody = config.model_copy(update={"temporal_namespace": "nobodys"})
    with pytest.raises(Trouble, match="no worker has said which version it is"):
        await checks.worker_version(nobody)


async def test_a_case_that_is_stuck_begins_anew_from_its_row(
    real_world: RealWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world.workers("older"):
        life = await _answered(real_world)
        with monkeypatch.context() as for_now:
            for_now.setattr(real_world.postbox, "out_of_order", True)
            assert (await life.does("agent", "messages", body="Canary: the red one?")).status_code == 201
            async with real_world.workers("hasty", with_tickets(LooksTwice)):
                answer = await life.does("client", "messages", body="Canary: that one")
                assert answer.status_code == 202, answer.text
                await run_anew(real_world.client, life.case)
        async with real_world.workers("hasty", with_tickets(LooksTwice)):
            # The mail that the old run has left unsent, and the command that it has not answered.
            await life.mails(2)
            # It has been put off for some seconds since the API could not have it carried.
            await eventually(real_world.sweep, bool)
            assert (await real_world.settled(answer.json()["command_id"]))["status"] == "done"
            assert await life.kinds() == ["opened", "agent_replied", "agent_replied", "customer_replied"]
            assert len(await life.mails(2)) == 2
            await _goes_on(life)


async def _goes_on(life: Life) -> None:
    """Is answered, told, and closed by time."""
    assert (await life.does("client", "messages", body="Canary: that one")).status_code == 201
    assert (await life.does("agent", "messages", body="Canary: mended")).status_code == 201
    assert (await life.does("agent", "status", status="resolved")).status_code == 200
    await life.world.pass_time(life.case, 7 * A_DAY + A_MINUTE)
    await life.becomes("closed")


async def _workflow_tasks(world: RealWorld) -> str:
    try:
        return await checks.workflow_tasks(world.settings)
    except Trouble as trouble:
        return str(trouble)


async def _failures(world: RealWorld, life: Life) -> set[int]:
    return {
        event.workflow_task_failed_event_attributes.cause
        for event in (await world.history(life.case)).events
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED
    }
