"""What a form shows when its page is opened: what its visitor has begun to write, and what became of what was sent."""

from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import Response

from api.cases.routes import get_command
from api.identity.routes.drafts import find_draft, forget_draft
from domain.cases import CommandStatus
from web.http.forms import Form, draft_of, id_in
from web.http.notices import Notice, not_done, on_its_way, was_done
from web.http.reading import read
from web.http.visits import SignedInVisit, Visit

router = APIRouter()


async def arrive(visit: Visit, path: str) -> tuple[Form, Notice | None]:
    """What the form that is posted to `path` shows. After something was sent that was on its way, the address names it
    (`pending`, sent by `form`): then also what became of that."""
    command_id = id_in(visit.request.query_params.get("pending", ""))
    if command_id is None:
        return await begun(visit, path), None
    command = await read(visit, get_command, command_id=command_id)
    if command.status is CommandStatus.PENDING:
        return Form(), on_its_way(visit, str(command_id))
    if command.status is CommandStatus.REFUSED:
        return await begun(visit, path), not_done(visit, command)
    sent = visit.request.query_params.get("form", path)
    await forget_draft(draft_of(sent), visit.caller, visit.services)
    return await begun(visit, path), was_done(visit)


async def begun(visit: Visit, path: str) -> Form:
    """The form that is posted to `path`, with what its visitor has begun to write into it."""
    caller = visit.caller
    draft = await find_draft(visit.services.database, caller.tenant_id, caller.account_id, draft_of(path))
    return Form(dict(draft.fields)) if draft else Form()


@router.get("/commands/{command_id}")
async def settled(visit: SignedInVisit, command_id: UUID) -> Response:
    """204 while the command is on its way, 200 once it has an end: then its page shows which."""
    command = await read(visit, get_command, command_id=command_id)
    return Response(status_code=HTTPStatus.NO_CONTENT if command.status is CommandStatus.PENDING else HTTPStatus.OK)
