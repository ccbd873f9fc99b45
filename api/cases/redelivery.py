"""Delivers a command that is written and that nobody waits for the answer of."""

from api.cases.dispatch import Dispatcher, Refused, Unanswered
from models.cases import CommandRow
from models.database import Database
from stores.commands import refuse


async def deliver_again(dispatcher: Dispatcher, database: Database, command: CommandRow) -> bool:
    """Carries the command to its workflow and writes a refusal down; returns whether it is settled now."""
    outcome = await dispatcher.dispatch(command)
    if isinstance(outcome, Refused):
        async with database.transaction(command.tenant_id) as session:
            await refuse(session, command.tenant_id, command.id, outcome.code, outcome.sentence)
    return not isinstance(outcome, Unanswered)
