"""Commands that follow from something else than a request for them: written as pending, and delivered."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from api.cases.redelivery import deliver_again
from api.http.correlation import correlation_id
from api.http.services import Services
from api.identity.callers import Caller
from domain.cases import CaseKind, CommandStatus
from models.cases import CommandRow


def pending_command(
    caller: Caller, case_kind: CaseKind, case_id: UUID, kind: str, arguments: dict[str, Any]
) -> CommandRow:
    """A command in the caller's name to a case that what it does concerns; the sweep delivers it."""
    return CommandRow(
        id=uuid7(),
        tenant_id=caller.tenant_id,
        case_kind=case_kind,
        case_id=case_id,
        kind=kind,
        arguments=arguments,
        actor_id=caller.account_id,
        correlation_id=correlation_id(),
        fingerprint="",
        created_at=datetime.now(UTC),
    )


async def deliver_now(service: Services, tenant_id: UUID, command_id: UUID) -> None:
    """Carries a command that a step has left for another case to its workflow, if it is there and pending. The sweep
    would find it some seconds later, and does find what does not succeed."""
    async with service.database.transaction(tenant_id) as session:
        command = await session.get(CommandRow, (tenant_id, command_id))
    if command is not None and command.status is CommandStatus.PENDING:
        await deliver_again(service.dispatcher, service.database, command)
