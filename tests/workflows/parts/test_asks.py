"""Cases that ask cases, on the real database: at once, once, in the end, and not for ever."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col
from temporalio.client import Client
from temporalio.testing import ActivityEnvironment
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from uuid_utils.compat import uuid7

from activities.cases.aggregate import CaseActivities
from activities.cases.carrying import CommandActivities
from api.cases.dispatch import Dispatcher
from api.cases.kinds import Kind
from api.cases.redelivery import deliver_in_turn
from api.quote_requests.views import QUOTE_REQUESTS
from domain.cases import DEEPEST_CHAIN, CaseKind, CommandStatus
from models.cases import CommandRow, EventRow
from models.database import Database
from models.quote_requests import QuoteRequest
from models.tickets import Ticket
from runtime.client import DATA_CONVERTER
from tests.activities.desk import Desk, new_desk
from tests.stack.engines import time_skipping_server
from tests.workflows.clerk import StartThenUpdate
from tests.workflows.histories import Begun
from tests.workflows.parts.echo import Echoes, EchoWorkflow
from tests.workflows.world import eventually
from workflows.policies import ASKS_QUEUE, CASES_QUEUE

PAIRS = 20


class Valley:
    """Where cases call each other. Nothing is carried while it is `deaf`."""

    def __init__(self, desk: Desk, dispatcher: Dispatcher, client: Client, begun: Begun) -> None:
        self.desk, self.database, self.begun = desk, desk.database, begun
        self.deaf = False
        self.carried: list[UUID] = []
        self._dispatcher, self._client = dispatcher, client
        self.commands = CommandActivities(self.database, self.deliver, after=timedelta(seconds=-5))

    @property
    def tenant_id(self) -> UUID:
        return self.desk.tenant_id

    async def deliver(self, command: CommandRow) -> bool:
        """As the product does; what other tests have left pending in this database is not carried."""
        self.carried.append(command.id)
        heard = not self.deaf and command.tenant_id == self.tenant_id
        return heard and await deliver_in_turn(self._dispatcher, self.database, command)

    async def opened(self) -> UUID:
        """A new case."""
        case_id = uuid7()
        async with self.database.transaction(self.tenant_id) as session:
            ticket = await session.get_one(Ticket, self.desk.ticket_id)
            whose = {"customer_id": ticket.customer_id, "requester_id": ticket.requester_id}
            session.add(QuoteRequest(id=case_id, tenant_id=self.tenant_id, description="Echo", **whose))
        await self.asks(case_id, "open")
        return case_id

    async def asks(self, case_id: UUID, update: str, **arguments: Any) -> None:
        """A person's command, which must be taken."""
        command = CommandRow(
            tenant_id=self.tenant_id,
            id=uuid7(),
            case_kind=CaseKind.QUOTE_REQUEST,
            case_id=case_id,
            kind=f"quote_request.{update}",
            arguments=arguments,
            actor_id=self.desk.account_id,
            correlation_id="test",
            fingerprint="",
            created_at=datetime.now(UTC),
        )
        async with self.database.transaction(self.tenant_id) as session:
            session.add(command)
        assert await deliver_in_turn(self._dispatcher, self.database, command)

    async def replay(self) -> None:
        """Replays what has been begun since the last time."""
        assert await self.begun.replay(self._client, changed=EchoWorkflow)

    async def silences(self, case_id: UUID) -> int:
        handle = self._client.get_workflow_handle(f"{CaseKind.QUOTE_REQUEST}/{case_id}")
        return await handle.query(EchoWorkflow.silences)

    async def calls(self, case_id: UUID, *then: UUID) -> None:
        await self.asks(case_id, "call", then=[str(other) for other in then])

    async def asked(self) -> list[CommandRow]:
        """All that cases have asked of each other, in order."""
        async with self.database.transaction(self.tenant_id) as session:
            asked = sa.select(CommandRow).where(col(CommandRow.asked_by).is_not(None))
            return list(await session.scalars(asked.order_by(col(CommandRow.depth), col(CommandRow.id))))

    async def events(self, case_id: UUID | None = None) -> list[EventRow]:
        """What has happened to a case, or to all of them."""
        query = sa.select(EventRow).where(col(EventRow.kind) == "called").order_by(col(EventRow.id))
        async with self.database.transaction(self.tenant_id) as session:
            return list(await session.scalars(query.where(col(EventRow.case_id) == case_id) if case_id else query))

    async def are_settled(self, count: int, *, as_: CommandStatus = CommandStatus.DONE) -> list[CommandRow]:
        """So many commands have been asked by cases, and all of them are settled like this."""
        return await eventually(self.asked, lambda asked: [command.status for command in asked] == [as_] * count)


@pytest.fixture(scope="module")
async def everywhere(database: Database) -> AsyncIterator[Valley]:
    """What all the valleys of these tests have in common: an engine and a worker."""
    async with await time_skipping_server(data_converter=DATA_CONVERTER) as environment:
        begun, echoes = Begun(), Echoes()
        client = begun.watching(environment.client)
        kinds = {CaseKind.QUOTE_REQUEST: Kind(EchoWorkflow, echoes, QUOTE_REQUESTS, "/quote-requests/{}")}
        dispatcher = StartThenUpdate(client, kinds, wait=timedelta(seconds=20))
        valley, steps = Valley(await new_desk(database), dispatcher, client, begun), CaseActivities(database, echoes)
        cases = Worker(
            client,
            task_queue=CASES_QUEUE,
            workflows=[EchoWorkflow],
            activities=[steps.take_step, steps.load],
            # Whoever asks must not take the place of the step that is asked for.
            max_concurrent_activities=1,
            workflow_runner=UnsandboxedWorkflowRunner(),
        )
        asks = Worker(client, task_queue=ASKS_QUEUE, activities=[valley.commands.carry])
        async with cases, asks:
            yield valley


@pytest.fixture
async def valley(everywhere: Valley) -> AsyncIterator[Valley]:
    """One of a tenant of its own. What has been begun in it must replay."""
    everywhere.desk = await new_desk(everywhere.database)
    yield everywhere
    everywhere.deaf = False
    await everywhere.replay()


async def test_what_a_case_asks_of_another_is_carried_at_once_and_once(valley: Valley) -> None:
    here, there = await valley.opened(), await valley.opened()
    await valley.calls(here, there)
    [asked] = await valley.are_settled(1)
    [step] = await valley.events(here)
    [answer] = await valley.events(there)
    assert (asked.asked_by, asked.case_id, asked.depth) == (step.command_id, there, 1)
    assert (answer.command_id, answer.actor_id, answer.correlation_id) == (asked.id, step.actor_id, step.correlation_id)
    assert valley.carried.count(asked.id) == 1
    assert await eventually(lambda: valley.silences(here), bool) == 1


async def test_what_the_courier_could_not_carry_the_sweep_does_and_the_case_goes_on_meanwhile(valley: Valley) -> None:
    here, there = await valley.opened(), await valley.opened()
    valley.deaf = True
    await valley.calls(here, there)
    [asked] = await valley.asked()

    async def attempts() -> int:
        return valley.carried.count(asked.id)

    await eventually(attempts, lambda made: made > 1)
    await valley.calls(here)
    assert (await valley.asked())[0].status is CommandStatus.PENDING
    valley.deaf = False
    await asyncio.gather(*(ActivityEnvironment().run(valley.commands.sweep) for _ in range(2)))
    await valley.are_settled(1)
    assert len(await valley.events(there)) == 1
    assert len(await valley.events(here)) == 2
    assert await eventually(lambda: valley.silences(here), bool) == 1


async def test_what_another_case_refuses_is_settled_and_stops_nobody(valley: Valley) -> None:
    here, there = await valley.opened(), await valley.opened()
    await valley.asks(there, "hush")
    await valley.calls(here, there)
    [asked] = await valley.are_settled(1, as_=CommandStatus.REFUSED)
    assert (asked.code, asked.detail) == ("silent", "Nobody answers.")
    await valley.calls(here)
    assert await valley.events(there) == []


async def test_cases_that_ask_each_other_in_a_circle_end(valley: Valley) -> None:
    circle = [await valley.opened() for _ in range(3)]
    await valley.calls(circle[0], *(circle[1:] + circle * 5))
    asked = await valley.are_settled(DEEPEST_CHAIN)
    assert [command.depth for command in asked] == list(range(1, DEEPEST_CHAIN + 1))
    events = await valley.events()
    assert len(events) == 1 + DEEPEST_CHAIN
    assert [event.changes.get("not_asked") for event in events] == [None] * DEEPEST_CHAIN + [["quote_request.call"]]


async def test_cases_that_ask_each_other_at_the_same_moment_do_not_block_each_other(valley: Valley) -> None:
    cases = await asyncio.gather(*(valley.opened() for _ in range(2 * PAIRS)))
    pairs = list(zip(cases[:PAIRS], cases[PAIRS:], strict=True))
    await asyncio.gather(*(valley.calls(one, other) for pair in pairs for one, other in (pair, pair[::-1])))
    await valley.are_settled(2 * PAIRS)
    heard = Counter(event.case_id for event in await valley.events())
    assert heard == dict.fromkeys(cases, 2)
