"""What becomes of a command that was not done: it is refused, waits for the engine, or waits for better code."""

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.dispatch import Defective, Done, Outcome, Refused
from models.cases import CommandRow
from stores.commands import put_off, refuse


async def settle(session: AsyncSession, command: CommandRow, outcome: Outcome) -> None:
    """Writes down a refusal, or that the command was carried in vain and stays pending."""
    if isinstance(outcome, Refused):
        await refuse(session, command.tenant_id, command.id, outcome.code, outcome.sentence)
    elif not isinstance(outcome, Done):
        fault = outcome.fault if isinstance(outcome, Defective) else None
        await put_off(session, command.tenant_id, command.id, fault)
