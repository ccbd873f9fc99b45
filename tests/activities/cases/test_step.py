"""The activity that makes a step of a ticket durable may be tried again at any moment, even while an attempt is
running."""

import asyncio
from uuid import uuid4

import pytest
import sqlalchemy as sa
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.cases.step import CaseNotice, StepResult
from activities.tickets.step import TicketStep
from domain.cases import DEEPEST_CHAIN, Ask, CaseKind, CommandStatus
from domain.tickets.rules import TicketStatus
from domain.tickets.state import TicketState
from models.cases import CommandRow
from models.database import Database
from stores.commands import refuse
from tests.activities.desk import Desk, new_desk
from tests.stack.waiting import eventually


@pytest.fixture
async def desk(database: Database) -> Desk:
    return await new_desk(database)


async def take(desk: Desk, step: TicketStep) -> StepResult[TicketState]:
    return await ActivityEnvironment().run(desk.activities.take_step, step)


async def three_wait(desk: Desk) -> bool:
    """Whether three transactions wait for a lock."""
    waiting = sa.text("SELECT count(*) = 3 FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
    async with desk.database.transaction() as session:
        return bool(await session.scalar(waiting))


async def test_a_step_that_is_tried_again_returns_the_first_result_and_leaves_one_event(desk: Desk) -> None:
    await take(desk, await desk.ask(1))
    reply = await desk.ask(
        2,
        "agent_replied",
        to=TicketState(status=TicketStatus.ANSWERED),
        notices=(CaseNotice("ticket_answered", "requester"),),
    )

    first = await take(desk, reply)
    second = await take(desk, reply)

    assert second == first
    assert (first.version, first.deliveries, first.state.status) == (2, 1, TicketStatus.ANSWERED)
    assert [event.kind for event in await desk.events()] == ["opened", "agent_replied"]
    assert len(await desk.deliveries()) == 1
    assert (await desk.command(reply)).result == {"version": 2}


async def test_two_attempts_at_once_leave_one_event(desk: Desk) -> None:
    step = await desk.ask(1)

    outcomes = await asyncio.gather(*(take(desk, step) for _ in range(5)), return_exceptions=True)

    results = [outcome for outcome in outcomes if isinstance(outcome, StepResult)]
    too_late = [outcome for outcome in outcomes if isinstance(outcome, ApplicationError)]
    assert len(results) + len(too_late) == 5, outcomes
    assert {outcome.type for outcome in too_late} <= {"version_conflict"}
    # The engine tries again what came too late, and it then finds the result.
    assert [await take(desk, step)] * len(results) == results
    assert [event.version for event in await desk.events()] == [1]


async def test_who_waited_for_another_attempt_answers_from_the_row_as_it_is_now(desk: Desk) -> None:
    step = await desk.ask(1)

    async with desk.database.transaction(desk.tenant_id) as session:
        await session.get_one(CommandRow, (desk.tenant_id, step.id), with_for_update=True)
        attempts = [asyncio.create_task(take(desk, step)) for _ in range(3)]
        await eventually(lambda: three_wait(desk), "all of them wait for the command")

    assert {result.version for result in await asyncio.gather(*attempts)} == {1}


async def test_a_step_from_another_version_than_the_rows_changes_nothing(desk: Desk) -> None:
    await take(desk, await desk.ask(1))
    before = await desk.ticket()
    stale = await desk.ask(3, "closed", to=TicketState(status=TicketStatus.CLOSED))

    with pytest.raises(ApplicationError) as conflict:
        await take(desk, stale)

    assert conflict.value.type == "version_conflict"
    assert not conflict.value.non_retryable
    assert await desk.ticket() == before
    assert len(await desk.events()) == 1
    assert (await desk.command(stale)).status is CommandStatus.PENDING


async def test_a_step_of_a_command_that_was_refused_meanwhile_is_not_taken(desk: Desk) -> None:
    await take(desk, await desk.ask(1))
    step = await desk.ask(2, "closed", to=TicketState(status=TicketStatus.CLOSED))
    async with desk.database.transaction(desk.tenant_id) as session:
        await refuse(session, desk.tenant_id, step.id, "ticket_closed", "Too late.")

    with pytest.raises(ApplicationError) as refusal:
        await take(desk, step)

    assert (refusal.value.type, refusal.value.message) == ("ticket_closed", "Too late.")
    assert refusal.value.non_retryable
    assert (await desk.ticket()).version == 1
    assert len(await desk.events()) == 1


async def test_a_step_of_a_command_that_nobody_wrote_is_not_taken(desk: Desk) -> None:
    other = await new_desk(desk.database)
    step = await other.ask(1)

    with pytest.raises(ApplicationError) as refusal:
        await take(desk, TicketStep(**{**vars(step), "tenant_id": desk.tenant_id, "case_id": desk.ticket_id}))

    assert refusal.value.type == "command_unknown"
    assert (await desk.ticket()).version == 0


async def test_what_a_step_asks_of_other_cases_is_written_with_it_once(desk: Desk) -> None:
    await take(desk, await desk.ask(1))
    other = Ask(CaseKind.QUOTE_REQUEST, uuid4(), "answer", {"quote_id": str(uuid4())})
    step = await desk.ask(2, "replied", asks=(other, other), depth=3)

    first = await take(desk, step)

    assert await take(desk, step) == first
    assert first.asked == 2
    asked = await desk.asked_by(step)
    for command in asked:
        assert (command.case_kind, command.case_id, command.kind) == (
            CaseKind.QUOTE_REQUEST,
            other.case_id,
            "quote_request.answer",
        )
        assert (command.arguments, command.status, command.depth) == (other.arguments, CommandStatus.PENDING, 4)
        assert (command.actor_id, command.correlation_id) == (desk.account_id, step.correlation_id)
    assert len({command.id for command in asked}) == 2


async def test_a_step_that_is_not_taken_asks_nobody(desk: Desk) -> None:
    step = await desk.ask(2, "replied", asks=(Ask(CaseKind.QUOTE_REQUEST, uuid4(), "answer", {}),))
    with pytest.raises(ApplicationError, match="not at version 1"):
        await take(desk, step)
    assert await desk.asked_by(step) == []


async def test_the_deepest_of_a_chain_asks_nobody_any_more_and_says_so(desk: Desk) -> None:
    await take(desk, await desk.ask(1))
    asks = (Ask(CaseKind.QUOTE_REQUEST, uuid4(), "answer", {}),)
    step = await desk.ask(2, "replied", asks=asks, depth=DEEPEST_CHAIN)

    first = await take(desk, step)

    assert await take(desk, step) == first
    assert first.asked == 0
    assert await desk.asked_by(step) == []
    assert (await desk.events())[-1].changes["not_asked"] == ["quote_request.answer"]
