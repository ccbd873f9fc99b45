"""The sweep of pending commands: in order for a case, and fair between cases."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.cases.carrying import COMMANDS_PER_CASE, CommandActivities
from domain.cases import CaseKind
from models.cases import CommandRow
from models.database import Database
from stores.commands import put_off, refuse
from tests.activities.desk import Desk, new_desk

LONG_AGO = datetime.now(UTC) - timedelta(hours=1)


async def write(desk: Desk, case_id: UUID, seconds: int) -> UUID:
    """A command of a case that was written so many seconds after an hour ago."""
    command_id = uuid7()
    async with desk.database.transaction(desk.tenant_id) as session:
        session.add(
            CommandRow(
                tenant_id=desk.tenant_id,
                id=command_id,
                case_kind=CaseKind.TICKET,
                case_id=case_id,
                kind="ticket.close",
                arguments={},
                actor_id=desk.account_id,
                correlation_id="test",
                fingerprint="",
                created_at=LONG_AGO + timedelta(seconds=seconds),
            )
        )
    return command_id


async def sweep(database: Database, redeliver: Callable[[CommandRow], Awaitable[bool]]) -> int:
    commands = CommandActivities(database, redeliver, after=timedelta(seconds=5))
    return await ActivityEnvironment().run(commands.sweep)


def answers(desk: Desk, unanswered: set[UUID], seen: list[UUID]) -> Callable[[CommandRow], Awaitable[bool]]:
    """Stands for the engine: notes what it is asked of the desk's tenant, and answers all but these cases."""

    async def redeliver(command: CommandRow) -> bool:
        if command.tenant_id != desk.tenant_id:
            return False
        seen.append(command.id)
        async with desk.database.transaction(desk.tenant_id) as session:
            if command.case_id in unanswered:
                await put_off(session, desk.tenant_id, command.id)
                return False
            await refuse(session, desk.tenant_id, command.id, "ticket_closed", "Closed.")
            return True

    return redeliver


async def test_the_commands_of_a_case_go_in_their_order_and_stop_where_one_is_not_answered(database: Database) -> None:
    desk, silent, other = await new_desk(database), uuid7(), uuid7()
    stuck = [await write(desk, silent, second) for second in (1, 2)]
    flowing = [await write(desk, other, second) for second in (3, 1, 2)]
    seen: list[UUID] = []
    settled = await sweep(database, answers(desk, {silent}, seen))
    assert settled == 3
    assert [ident for ident in seen if ident in flowing] == [flowing[1], flowing[2], flowing[0]]
    assert [ident for ident in seen if ident in stuck] == stuck[:1]


async def test_what_is_not_answered_waits_longer_each_time_and_its_case_with_it(database: Database) -> None:
    desk, silent = await new_desk(database), uuid7()
    first, second = await write(desk, silent, 1), await write(desk, silent, 2)
    seen: list[UUID] = []
    await sweep(database, answers(desk, {silent}, seen))
    await sweep(database, answers(desk, {silent}, seen))
    assert seen == [first]

    async with database.transaction(desk.tenant_id) as session:
        later = sa.update(CommandRow).where(col(CommandRow.id) == first)
        await session.execute(later.values(put_off_at=datetime.now(UTC) - timedelta(seconds=6)))
    await sweep(database, answers(desk, {silent}, seen))
    assert seen == [first, first]
    async with database.transaction(desk.tenant_id) as session:
        assert (await session.get_one(CommandRow, (desk.tenant_id, first))).tries == 2
        # The second try came after five seconds; the third takes ten.
        await session.execute(later.values(put_off_at=datetime.now(UTC) - timedelta(seconds=6)))
    await sweep(database, answers(desk, {silent}, seen))
    assert seen == [first, first]
    async with database.transaction(desk.tenant_id) as session:
        await session.execute(later.values(put_off_at=datetime.now(UTC) - timedelta(seconds=61)))
    await sweep(database, answers(desk, set(), seen))
    assert seen == [first, first, first, second]


async def test_one_that_met_a_defect_holds_up_none_of_its_case(database: Database) -> None:
    desk, case = await new_desk(database), uuid7()
    stumbled, later = await write(desk, case, 1), [await write(desk, case, second) for second in (2, 3)]
    async with database.transaction(desk.tenant_id) as session:
        await put_off(session, desk.tenant_id, stumbled, "KeyError")
    seen: list[UUID] = []
    assert await sweep(database, answers(desk, set(), seen)) == 2
    assert seen == later
    async with database.transaction(desk.tenant_id) as session:
        defective = sa.update(CommandRow).where(col(CommandRow.id) == stumbled)
        await session.execute(defective.values(put_off_at=datetime.now(UTC) - timedelta(seconds=6)))
    await sweep(database, answers(desk, set(), seen))
    assert seen == [*later, stumbled]


async def test_a_case_with_very_many_commands_takes_a_part_of_each_sweep(database: Database) -> None:
    desk, hot, other = await new_desk(database), uuid7(), uuid7()
    many = [await write(desk, hot, second) for second in range(COMMANDS_PER_CASE + 20)]
    one = await write(desk, other, 1000)
    seen: list[UUID] = []
    await sweep(database, answers(desk, set(), seen))
    assert one in seen
    assert [ident for ident in seen if ident != one] == many[: COMMANDS_PER_CASE + 1]
    await sweep(database, answers(desk, set(), seen))
    assert [ident for ident in seen if ident != one] == many
