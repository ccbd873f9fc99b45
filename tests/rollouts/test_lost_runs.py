"""Cases whose run has gone without their doing, on the real server."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from temporalio.client import WorkflowExecutionStatus

from api.cases import lost
from api.cases.lost import LostCases
from api.registry import KINDS
from ops.checks import database, engine
from ops.trouble import Trouble
from tests.rollouts.real_world import RealWorld
from tests.workflows.quotes.life import write_quote
from tests.workflows.world import Life, eventually

A_WEEK, A_MINUTE, AT_ONCE = timedelta(days=7), timedelta(minutes=1), timedelta(seconds=-5)


@pytest.fixture
def found(real_world: RealWorld, monkeypatch: pytest.MonkeyPatch) -> LostCases:
    monkeypatch.setattr(lost, "_UNSENT_AFTER", AT_ONCE)
    return LostCases(real_world.client, real_world.database, KINDS)


async def _status(world: RealWorld, life: Life) -> WorkflowExecutionStatus | None:
    return (await world.client.get_workflow_handle(life.case).describe()).status


async def test_a_run_that_was_terminated_begins_again_with_its_deadlines(
    real_world: RealWorld, found: LostCases
) -> None:
    async with real_world.workers("keeper"):
        ticket, quote, other = (
            await real_world.open_ticket(),
            await write_quote(real_world),
            await write_quote(real_world),
        )
        assert (await ticket.does("agent", "status", status="resolved")).status_code == 200
        await found.look()
        for life in (ticket, quote):
            await real_world.client.get_workflow_handle(life.case).terminate("by accident")
        untouched = await real_world.history_at_rest(other.case)
        with pytest.raises(Trouble, match=r"^2 of .* open cases have no run"):
            await engine.cases(real_world.settings)
        assert set((await found.look()).lost) == {ticket.case, quote.case}
        for life in (ticket, quote):
            assert await _status(real_world, life) is WorkflowExecutionStatus.RUNNING
        assert "each has its run" in await engine.cases(real_world.settings)
        # One round finds them; the next has nothing to do, and no history is written by looking.
        assert (await found.look()).lost == ()
        assert await real_world.history(other.case) == untouched
        await real_world.pass_time(ticket.case, A_WEEK + A_MINUTE)
        await ticket.becomes("closed")


async def test_messages_that_nobody_carries_are_sent_though_the_case_is_over(
    real_world: RealWorld, found: LostCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world.workers("keeper"):
        life = await real_world.open_ticket(received=True)
        with monkeypatch.context() as for_now:
            for_now.setattr(real_world.postbox, "out_of_order", True)
            refused_before = real_world.postbox.refused
            asked = await life.does("agent", "messages", body="Canary: which?", status="waiting_for_response")
            assert asked.status_code == 201, asked.text

            # Once in its turn and once beside: from then on only the run would try again.
            async def has_been_refused_twice() -> bool:
                return real_world.postbox.refused >= refused_before + 2

            assert await eventually(has_been_refused_twice, bool)
            await real_world.client.get_workflow_handle(life.case).terminate("by accident")
        assert " unsent, the oldest for 0:0" in await database.messages(real_world.settings)
        # Over in its row, as if the run had been lost between its last step and its last message.
        async with real_world.database.transaction(await _tenant(real_world)) as session:
            await session.execute(
                sa.text("UPDATE ticket SET archived_at = :now WHERE id = :id"),
                {"now": datetime.now(UTC), "id": life.id},
            )
        assert (await found.look()).lost == (life.case,)
        assert len(await life.mails(1)) == 1
        await eventually(lambda: database.messages(real_world.settings), lambda told: told == "all are sent")

        async def has_ended() -> bool:
            return await _status(real_world, life) is WorkflowExecutionStatus.COMPLETED

        assert await eventually(has_ended, bool)
        assert (await found.look()).lost == ()


async def test_a_round_is_bounded_and_the_next_goes_on(
    real_world: RealWorld, found: LostCases, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with real_world.workers("keeper"):
        for _ in range(3):
            await real_world.open_ticket()
        everything = (await found.look()).looked_at
        monkeypatch.setattr(lost, "CASES_PER_ROUND", 1)
        monkeypatch.setattr(lost, "CASES_PER_BATCH", 1)
        last = await real_world.open_ticket()
        await real_world.client.get_workflow_handle(last.case).terminate("by accident")
        found_lost = [(await found.look()).lost for _ in range(everything + 1)]
        assert sum(found_lost, ()) == (last.case,)


async def _tenant(world: RealWorld) -> str:
    [(tenant_id,)] = await world.query("SELECT current_setting('app.tenant_id')")
    return tenant_id
