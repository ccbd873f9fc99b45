"""Delivers at once a command that a step has left for another case; the sweep would find it some seconds later."""

from uuid import UUID

from activities.commands import refuse
from api.services import Services
from domain.case import CommandStatus
from models.case import CommandRow
from workers.dispatch import Refused


async def deliver_now(service: Services, tenant_id: UUID, command_id: UUID) -> None:
    """Carries the command to its workflow, if it is there and pending; what does not succeed is left to the sweep."""
    async with service.database.transaction(tenant_id) as session:
        command = await session.get(CommandRow, (tenant_id, command_id))
    if command is None or command.status is not CommandStatus.PENDING:
        return
    outcome = await service.dispatcher.dispatch(command)
    if isinstance(outcome, Refused):
        async with service.database.transaction(tenant_id) as session:
            await refuse(session, tenant_id, command_id, outcome.code, outcome.sentence)
