"""Delivers commands that are written and that nobody waits for the answer of, in the order of their case."""

import sqlalchemy as sa
from sqlmodel import col

from api.cases.dispatch import Dispatcher, Done, Refused
from api.cases.settling import settle
from models.cases import CommandRow
from models.database import Database
from stores.commands import left_behind

OLDER_AT_ONCE = 100


async def deliver_in_turn(dispatcher: Dispatcher, database: Database, command: CommandRow) -> bool:
    """Carries the older commands of its case, then this one; returns whether it is settled now."""
    if command.kind == dispatcher.opening_of(command):
        # Nothing of a case can be older than what opens it.
        return await _deliver(dispatcher, database, command)
    return await catch_up(dispatcher, database, command) and await _deliver(dispatcher, database, command)


async def catch_up(dispatcher: Dispatcher, database: Database, command: CommandRow) -> bool:
    """Carries the older commands of the command's case that were left behind; returns whether none is left."""
    opening = dispatcher.opening_of(command)
    async with database.transaction(command.tenant_id) as session:
        older = await session.scalars(
            sa.select(CommandRow)
            .where(left_behind(command.tenant_id, command.case_id, command.created_at, opening))
            .order_by(col(CommandRow.created_at), col(CommandRow.id))
            .limit(OLDER_AT_ONCE + 1)
        )
        waiting = older.all()
    for each in waiting[:OLDER_AT_ONCE]:
        if not await _deliver(dispatcher, database, each):
            return False
    return len(waiting) <= OLDER_AT_ONCE


async def _deliver(dispatcher: Dispatcher, database: Database, command: CommandRow) -> bool:
    outcome = await dispatcher.dispatch(command)
    if not isinstance(outcome, Done):
        async with database.transaction(command.tenant_id) as session:
            await settle(session, command, outcome)
    return isinstance(outcome, Done | Refused)
