"""The workflows that are no cases, for the corpus."""

import pytest
from temporalio.client import Schedule, ScheduleActionStartWorkflow, ScheduleSpec
from temporalio.service import RPCError

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import newest_of
from tests.workflows.quotes.life import write_quote
from workers.schedules import SCHEDULES, remove_schedules
from workflows.cases.sweep import SweepWorkflow
from workflows.files.sweep import FileSweepWorkflow
from workflows.policies import CASES_QUEUE


async def test_a_draft_on_paper(world: RealWorld) -> None:
    life = await write_quote(world)
    paper = await (await world.person("agent")).get(f"/quotes/{life.id}/pdf")
    assert paper.status_code == 200, paper.text
    await world.keep("print_draft", await newest_of(world, "PrintQuoteWorkflow"))


async def test_mail_about_an_account(world: RealWorld) -> None:
    asked = await (await world.visitor()).post("/auth/password/reset-request", json={"email": "client@acme.example"})
    assert asked.status_code < 300, asked.text
    await world.keep("deliver_account_mail", await newest_of(world, "DeliverWorkflow"))


async def test_schedules_of_an_earlier_version_are_removed_and_their_runs_end_well(world: RealWorld) -> None:
    for schedule, workflow, scenario in (
        ("sweep-pending-commands", SweepWorkflow, "sweep_pending_commands"),
        ("sweep-files", FileSweepWorkflow, "sweep_files"),
    ):
        action = ScheduleActionStartWorkflow(workflow.run, id=f"of-{schedule}", task_queue=CASES_QUEUE)
        handle = await world.client.create_schedule(schedule, Schedule(action=action, spec=ScheduleSpec()))
        await handle.trigger()
        await world.keep(scenario, await newest_of(world, workflow.__name__))
    await remove_schedules(world.client)
    for schedule in SCHEDULES:
        with pytest.raises(RPCError, match="not found"):
            await world.client.get_schedule_handle(schedule).describe()
    await remove_schedules(world.client)
