"""An activity that keeps failing is seen by those who look after the house, for as long as it does."""

import re
from dataclasses import dataclass
from datetime import timedelta

import pytest
import sqlalchemy as sa

from ops.begin_anew import run_anew
from ops.checks import database
from ops.doctor import Check
from ops.fast_forward import current_details
from ops.trouble import Trouble
from tests.rollouts.real_world import RealWorld
from tests.workflows.world import eventually
from workers import failures
from workers.failures import KEEPS_FAILING_FROM
from workflows.parts.attributes import CASE_STATUS
from workflows.policies import STEP_RETRY

FAILING = 'casewright_failing_activities{activity="ticket.take_step",fault="version_conflict"} 1.0'


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(failures, "TELLS_ITS_CASE_AFTER", KEEPS_FAILING_FROM)
    monkeypatch.setattr(STEP_RETRY, "maximum_interval", timedelta(seconds=0.5))


async def test_a_step_that_fails_again_and_again_is_named_until_it_succeeds(real_world: RealWorld) -> None:
    async with real_world.workers("keeper"):
        life = await real_world.open_ticket()
        shown = await _shown(real_world, life.case)
        assert await database.activities(real_world.settings) == "none keeps failing"
        await _move_version(real_world, life.id, by=7)
        assert (await life.does("agent", "priority", priority="high")).status_code == 202

        named = await eventually(lambda: _told(database.activities, real_world), lambda said: life.case in said)
        assert re.match(
            rf"1 failing: 1 of ticket.take_step: version_conflict; ticket.take_step of {life.case} first, "
            r"\d+ attempts since 0:0",
            named,
        )
        assert await _attempts(real_world) >= KEEPS_FAILING_FROM
        figures = await _metrics(real_world)
        assert FAILING in figures
        assert "casewright_stuck_cases 1.0" in figures
        with pytest.raises(Trouble, match=rf"^1 stuck, {life.case} first, for 0:0.*: version_conflict;"):
            await database.stuck(real_world.settings)
        stuck = await eventually(lambda: _shown(real_world, life.case), lambda found: found.status == "stuck")
        assert f"### {life.number}: open" in stuck.details
        assert re.search(
            r"- \*\*Stuck\*\* at `priority changed`: \d+ attempts since .* UTC, the last failed by `version_conflict`",
            stuck.details,
        )

        await _move_version(real_world, life.id, by=-7)
        await eventually(lambda: _told(database.activities, real_world), lambda said: said == "none keeps failing")
        assert "casewright_failing_activities{" not in await _metrics(real_world)
        assert await database.stuck(real_world.settings) == "none is stuck"
        assert await life.kinds() == ["opened", "priority_changed"]
        mended = await _shown(real_world, life.case)
        assert mended.status == shown.status == "open"
        assert "Stuck" not in mended.details
        await real_world.keep("ticket_stuck_and_mended", life.case)


@dataclass(frozen=True)
class _Shown:
    """What an operator sees of a case in the engine."""

    status: str
    details: str


async def _shown(world: RealWorld, case: str) -> _Shown:
    handle = world.client.get_workflow_handle(case)
    attributes = (await handle.describe()).typed_search_attributes
    return _Shown(attributes[CASE_STATUS], await current_details(handle))


async def test_who_begins_anew_from_the_row_fails_no_more(real_world: RealWorld) -> None:
    async with real_world.workers("keeper"):
        life = await real_world.open_ticket()
        await _move_version(real_world, life.id, by=7)
        assert (await life.does("agent", "priority", priority="high")).status_code == 202
        await eventually(lambda: _shown(real_world, life.case), lambda found: found.status == "stuck")
        await run_anew(real_world.client, life.case)
        await eventually(lambda: _told(database.activities, real_world), lambda said: said == "none keeps failing")
        mended = await eventually(lambda: _shown(real_world, life.case), lambda found: found.status == "open")
        assert f"### {life.number}: open" in mended.details
        # The command that the old run has not answered is carried out by the new one.
        await eventually(real_world.sweep, bool)
        assert await database.stuck(real_world.settings) == "none is stuck"


async def _told(check: Check, world: RealWorld) -> str:
    try:
        return await check(world.settings)
    except Trouble as trouble:
        return str(trouble)


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
