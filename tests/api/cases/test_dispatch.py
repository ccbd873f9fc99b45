"""How commands are carried to the engine when many ask at once."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio.client import Client
from uuid_utils.compat import uuid7

from api.cases.dispatch import Dispatcher, Done
from api.registry import KINDS
from domain.cases import CaseKind
from models.cases import CommandRow
from models.database import Database
from stores.commands import put_off
from tests.activities.desk import new_desk
from tests.stack.waiting import eventually
from workflows.parts.messages import Applied


class SlowEngine:
    """Stands for the client: answers when it is told to, and knows what it was asked."""

    def __init__(self) -> None:
        self.answers = asyncio.Event()
        self.asked: list[str] = []

    async def execute_update_with_start_workflow(self, update: str, _: Any, **given: Any) -> Applied:
        self.asked.append(given["id"])
        await self.answers.wait()
        return Applied(7)


def _command(tenant_id: UUID, actor_id: UUID | None = None) -> CommandRow:
    return CommandRow(
        tenant_id=tenant_id,
        id=uuid7(),
        case_kind=CaseKind.TICKET,
        case_id=uuid7(),
        kind="ticket.close",
        arguments={},
        actor_id=actor_id or uuid7(),
        correlation_id="test",
        fingerprint="",
        created_at=datetime.now(UTC),
    )


async def test_what_is_asked_already_is_not_asked_again_and_all_hear_the_answer() -> None:
    engine, command, other = SlowEngine(), _command(uuid7()), _command(uuid7())
    dispatcher = Dispatcher(cast(Client, engine), KINDS, wait=timedelta(seconds=30))
    impatient = asyncio.create_task(dispatcher.dispatch(command))
    asking = [asyncio.create_task(dispatcher.dispatch(each)) for each in (command, command, other)]
    await eventually(lambda: len(engine.asked) == 2, "both are asked")
    impatient.cancel()
    engine.answers.set()
    assert await asyncio.gather(*asking) == [Done(7)] * 3
    assert engine.asked == [str(command.id), str(other.id)]
    await dispatcher.dispatch(command)
    assert engine.asked == [str(command.id), str(other.id), str(command.id)]


async def test_many_who_heard_that_nobody_answered_have_tried_once(database: Database) -> None:
    desk = await new_desk(database)
    command = _command(desk.tenant_id, desk.account_id)
    mine = (desk.tenant_id, command.id)
    async with database.transaction(desk.tenant_id) as session:
        session.add(command)
    for _ in range(3):
        async with database.transaction(desk.tenant_id) as session:
            await put_off(session, *mine)
    async with database.transaction(desk.tenant_id) as session:
        assert (await session.get_one(CommandRow, mine)).tries == 1
        earlier = sa.update(CommandRow).where(col(CommandRow.id) == command.id)
        await session.execute(earlier.values(put_off_at=datetime.now(UTC) - timedelta(seconds=2)))
    async with database.transaction(desk.tenant_id) as session:
        await put_off(session, *mine)
    async with database.transaction(desk.tenant_id) as session:
        assert (await session.get_one(CommandRow, mine)).tries == 2
        await session.execute(sa.delete(CommandRow).where(col(CommandRow.id) == command.id))
