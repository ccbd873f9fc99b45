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
from stores.stuck import WAITED_LONG, StuckCase, longest_stuck
from tests.activities.desk import ask, new_desk

LONG = timedelta(days=4000)


async def test_a_case_is_stuck_by_its_step_or_by_its_commands(database: Database) -> None:
    desk, now, before = await new_desk(database), datetime.now(UTC), await backlog(database)
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
    assert (await backlog(database)).stuck_cases - before.stuck_cases == 1
    assert await longest_stuck(database) == StuckCase(failing.workflow_id, now - LONG, "version_conflict")

    commands = [(desk.ticket_id, None, WAITED_LONG), (uuid4(), "KeyError", timedelta()), (uuid4(), None, timedelta())]
    for case_id, fault, age in commands:
        asked = await ask(database, desk.tenant_id, desk.account_id, CaseKind.TICKET, case_id, "close")
        async with database.transaction(desk.tenant_id) as session:
            waits = {"fault": fault, "created_at": now - age}
            await session.execute(sa.update(CommandRow).where(col(CommandRow.id) == asked["id"]).values(waits))
    owed = await backlog(database)
    # The same case a second time, one with a fault, and none that only began to wait.
    assert owed.stuck_cases - before.stuck_cases == 2
    async with database.transaction(desk.tenant_id) as session:
        await session.execute(sa.delete(FailingActivity))
        await session.execute(sa.delete(CommandRow))
    left = await backlog(database)
    assert owed.pending_commands - before.pending_commands == 3
    assert owed.oldest_command_seconds >= WAITED_LONG.total_seconds()
    assert (left.stuck_cases, left.pending_commands) == (before.stuck_cases, before.pending_commands)
