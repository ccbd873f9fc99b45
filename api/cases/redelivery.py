"""Delivers a command that is written and that nobody waits for the answer of."""

from api.cases.dispatch import Dispatcher, Done, Refused
from api.cases.settling import settle
from models.cases import CommandRow
from models.database import Database


async def deliver_again(dispatcher: Dispatcher, database: Database, command: CommandRow) -> bool:
    """Carries the command to its workflow and writes down what became of it; returns whether it is settled now."""
    outcome = await dispatcher.dispatch(command)
    if not isinstance(outcome, Done):
        async with database.transaction(command.tenant_id) as session:
            await settle(session, command, outcome)
    return isinstance(outcome, Done | Refused)
