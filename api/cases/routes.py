"""What became of a command."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends

from api.http.payloads import View
from api.http.problems import not_found
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from domain.cases import CaseKind, CommandStatus
from domain.people.permissions import Permission
from models.cases import CommandRow

router = Router(prefix="/commands", tags=["commands"])


class CommandView(View):
    """A command; `code` says why it was refused."""

    id: UUID
    kind: str
    case_kind: CaseKind | None
    case_id: UUID | None
    status: CommandStatus
    code: str | None
    detail: str | None
    result: dict[str, Any] | None
    correlation_id: str
    created_at: datetime
    settled_at: datetime | None


@router.get("/{command_id}")
async def get_command(
    command_id: UUID,
    caller: Annotated[Caller, Depends(needs(Permission.COMMANDS_READ))],
    service: Annotated[Services, Depends(services)],
) -> CommandView:
    """A command, for its author and for staff."""
    async with service.database.transaction(caller.tenant_id) as session:
        command = await session.get(CommandRow, (caller.tenant_id, command_id))
    if command is None or not (command.actor_id == caller.account_id or caller.may(Permission.COMMANDS_READ_ALL)):
        raise not_found("command")
    return CommandView.model_validate(command)
