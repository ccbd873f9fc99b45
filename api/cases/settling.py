"""What becomes of a command that was not done: it is refused, waits for the engine, or waits for better code."""

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.dispatch import Defective, Outcome, Refused
from models.cases import CommandRow
from stores.commands import mark_fault, refuse

log = structlog.get_logger()


async def settle(session: AsyncSession, command: CommandRow, outcome: Outcome) -> None:
    """Writes down a refusal, or the defect that keeps a command pending."""
    if isinstance(outcome, Refused):
        await refuse(session, command.tenant_id, command.id, outcome.code, outcome.sentence)
    if isinstance(outcome, Defective):
        await mark_fault(session, command.tenant_id, command.id, outcome.fault)
