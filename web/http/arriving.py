"""What a form shows when its page is opened: what its visitor has begun to write, and what became of what was sent."""

from http import HTTPStatus
from uuid import UUID

from fastapi.responses import Response

from api.cases.routes import CommandView, get_command
from api.files.routes import get_file
from api.http.problems import Problem
from api.http.routing import Router
from api.identity.routes.drafts import SENT_BY, find_draft
from domain.cases import CommandStatus
from web.http.forms import FILES, Form, draft_of, id_in
from web.http.keeping import form_of
from web.http.notices import Notice, not_done, on_its_way, was_done
from web.http.reading import read
from web.http.visits import SignedInVisit, Visit

router = Router()


async def arrive(visit: Visit, path: str) -> tuple[Form, Notice | None]:
    """What the form that is posted to `path` shows, and what became of what was sent and was on its way: by this form,
    or by one of the page's whose command the address names (`pending`)."""
    fields = await _begun(visit, path)
    form, sent_by = form_of(fields), fields.get(SENT_BY)
    await _leave_out_what_is_gone(visit, form)
    command = await _command(visit, sent_by)
    if command is None:
        command = await _command_of_address(visit)
        if command and command.status is CommandStatus.PENDING:
            return form, on_its_way(visit, str(command.id))
        if command and command.status is CommandStatus.DONE:
            return form, was_done(visit, command)
        return form, not_done(visit, command) if command else None
    if command.status is CommandStatus.PENDING:
        return Form(), on_its_way(visit, str(command.id))
    return form.with_new_key(), not_done(visit, command)


async def _begun(visit: Visit, path: str) -> dict[str, str]:
    caller = visit.caller
    draft = await find_draft(visit.services.database, caller.tenant_id, caller.account_id, draft_of(path))
    return draft.fields if draft else {}


async def _leave_out_what_is_gone(visit: Visit, form: Form) -> None:
    """Files that were handed in and never sent are removed after a while."""
    if files := form.lists.get(FILES):
        form.lists[FILES] = [each for each in files if await _is_there(visit, id_in(each))]


async def _is_there(visit: Visit, file_id: UUID | None) -> bool:
    try:
        return file_id is not None and bool(await read(visit, get_file, file_id=file_id))
    except Problem:
        return False


async def _command(visit: Visit, sent_by: str | None) -> CommandView | None:
    """By which a draft was sent, if that is one of the visitor's."""
    try:
        command_id = id_in(sent_by or "")
        return await read(visit, get_command, command_id=command_id) if command_id else None
    except Problem:
        return None


async def _command_of_address(visit: Visit) -> CommandView | None:
    command_id = id_in(visit.request.query_params.get("pending", ""))
    return await read(visit, get_command, command_id=command_id) if command_id else None


@router.get("/commands/{command_id}")
async def settled(visit: SignedInVisit, command_id: UUID) -> Response:
    """204 while the command is on its way, 200 once it has an end: then its page shows which."""
    command = await read(visit, get_command, command_id=command_id)
    return Response(status_code=HTTPStatus.NO_CONTENT if command.status is CommandStatus.PENDING else HTTPStatus.OK)
