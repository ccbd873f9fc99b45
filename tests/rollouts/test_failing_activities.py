"""An activity that keeps failing is seen by those who look after the house, for as long as it does."""

import re

import sqlalchemy as sa

from ops.checks import database
from ops.trouble import Trouble
from tests.rollouts.real_world import RealWorld
from tests.workflows.world import eventually
from workers.failures import KEEPS_FAILING_FROM

FAILING = 'casewright_failing_activities{activity="ticket.take_step",fault="version_conflict"} 1.0'


async def test_a_step_that_fails_again_and_again_is_named_until_it_succeeds(real_world: RealWorld) -> None:
    async with real_world.workers("keeper"):
        life = await real_world.open_ticket()
        assert await database.activities(real_world.settings) == "none keeps failing"
        await _move_version(real_world, life.id, by=7)
        assert (await life.does("agent", "priority", priority="high")).status_code == 202

        async def told() -> str:
            try:
                return await database.activities(real_world.settings)
            except Trouble as trouble:
                return str(trouble)

        named = await eventually(told, lambda said: life.case in said)
        assert re.match(
            rf"1 failing: 1 of ticket.take_step: version_conflict; ticket.take_step of {life.case} first, "
            r"\d+ attempts since 0:0",
            named,
        )
        assert await _attempts(real_world) >= KEEPS_FAILING_FROM
        assert FAILING in await _metrics(real_world)

        await _move_version(real_world, life.id, by=-7)
        assert await eventually(told, lambda said: said == "none keeps failing")
        assert "casewright_failing_activities{" not in await _metrics(real_world)
        assert await life.kinds() == ["opened", "priority_changed"]


async def _move_version(world: RealWorld, ticket_id: str, by: int) -> None:
    [(tenant_id,)] = await world.query("SELECT current_setting('app.tenant_id')")
    async with world.database.transaction(tenant_id) as session:
        moved = sa.text("UPDATE ticket SET version = version + :by WHERE id = :id")
        await session.execute(moved, {"by": by, "id": ticket_id})


async def _attempts(world: RealWorld) -> int:
    [(attempts,)] = await world.query("SELECT attempts FROM failing_activity")
    return int(attempts)


async def _metrics(world: RealWorld) -> str:
    return (await (await world.visitor()).get("http://test/metrics")).text
