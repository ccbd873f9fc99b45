"""Which cases are stuck, each counted once, and what else the house owes."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import sqlalchemy as sa
from sqlmodel import col

from domain.cases import CaseKind
from models.cases import CommandRow
from models.database import Database
from models.failing import FailingActivity
from stores.backlog import backlog
from stores.failing import note_failure
from stores.stuck import WAITED_LONG, StuckCase, count_stuck, longest_stuck
from tests.activities.desk import Desk, ask, new_desk

LONG = timedelta(days=4000)


async def _stuck(desk: Desk) -> int:
    async with desk.database.transaction(desk.tenant_id) as session:
        return (await session.execute(sa.select(count_stuck(desk.tenant_id)))).scalar_one()


async def test_a_case_is_stuck_by_its_step_or_by_its_commands(database: Database) -> None:
    desk, now = await new_desk(database), datetime.now(UTC)
    failing = FailingActivity(
        tenant_id=desk.tenant_id,
        workflow_id=f"ticket/{desk.ticket_id}",
        activity_id="7",
        activity="ticket.take_step",
        attempts=9,
        fault="version_conflict",
        since=now - LONG,
        failed_at=now,
    )
    await note_failure(database, failing)
    mail = failing.model_copy(update={"activity": "delivery.send_step", "workflow_id": f"ticket/{uuid4()}"})
    await note_failure(database, mail)
    assert await _stuck(desk) == 1
    assert await longest_stuck(database) == StuckCase(failing.workflow_id, now - LONG, "version_conflict")

    commands = [(desk.ticket_id, None, WAITED_LONG), (uuid4(), "KeyError", timedelta()), (uuid4(), None, timedelta())]
    for case_id, fault, age in commands:
        asked = await ask(database, desk.tenant_id, desk.account_id, CaseKind.TICKET, case_id, "close")
        async with database.transaction(desk.tenant_id) as session:
            waits = {"fault": fault, "created_at": now - age}
            await session.execute(sa.update(CommandRow).where(col(CommandRow.id) == asked["id"]).values(waits))
    assert await _stuck(desk) == 2, "the same case a second time, one with a fault, and none that only began to wait"
    owed = await backlog(database)
    async with database.transaction(desk.tenant_id) as session:
        await session.execute(sa.delete(FailingActivity))
        await session.execute(sa.delete(CommandRow))
    left = await backlog(database)
    assert (owed.stuck_cases - left.stuck_cases, owed.pending_commands - left.pending_commands) == (2, 3)
