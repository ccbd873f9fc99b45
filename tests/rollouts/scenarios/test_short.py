"""The workflows that are no cases, for the corpus."""

from temporalio.client import ScheduleHandle

from tests.rollouts.real_world import RealWorld
from tests.rollouts.scenarios.runs import newest_of
from tests.workflows.quotes.life import write_quote
from workers.schedules import FILE_SWEEP, SWEEP, ensure_schedules


async def test_a_draft_on_paper(world: RealWorld) -> None:
    life = await write_quote(world)
    paper = await (await world.person("agent")).get(f"/quotes/{life.id}/pdf")
    assert paper.status_code == 200, paper.text
    await world.keep("print_draft", await newest_of(world, "PrintQuoteWorkflow"))


async def test_mail_about_an_account(world: RealWorld) -> None:
    asked = await (await world.visitor()).post("/auth/password/reset-request", json={"email": "client@acme.example"})
    assert asked.status_code < 300, asked.text
    await world.keep("deliver_account_mail", await newest_of(world, "DeliverWorkflow"))


async def test_the_sweeps_by_their_schedules(world: RealWorld) -> None:
    await ensure_schedules(world.client, world.settings)
    for schedule, workflow, scenario in (
        (SWEEP, "SweepWorkflow", "sweep_pending_commands"),
        (FILE_SWEEP, "FileSweepWorkflow", "sweep_files"),
    ):
        handle: ScheduleHandle = world.client.get_schedule_handle(schedule)
        await handle.trigger()
        await world.keep(scenario, await newest_of(world, workflow))
        await handle.delete()
