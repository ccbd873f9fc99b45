"""The inbox in a browser: what waits, due first, and one task with its papers and its form."""

from functools import partial
from http import HTTPStatus
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.http.paging import Paging
from api.http.problems import not_found
from api.http.routing import Router
from api.tasks.routes import get_task, list_tasks
from api.tasks.schemas import TaskView
from domain.tasks.rules import TaskKind, TaskStatus
from web.cases.places import page_of
from web.http.arriving import arrive
from web.http.files import Passed
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import read
from web.http.rendering import draw
from web.http.submitting import fields, submit, to
from web.http.visits import SignedInVisit, Visit
from web.inbox import words
from web.inbox.forms import body_of
from web.inbox.pages import task_page
from web.kyc import words as kyc_words

router = Router()


@router.get("/inbox")
async def inbox(
    visit: SignedInVisit,
    which: Annotated[str, Query(pattern="^(mine|all|late|done)$")] = "mine",
    kind: TaskKind | None = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """What waits for people: mine and my roles', all, what is late, or what was decided."""
    found = await read(
        visit,
        list_tasks,
        paging=Paging(50, cursor, None, count=False),
        status=[TaskStatus.DONE if which == "done" else TaskStatus.PENDING],
        kind=[kind] if kind else None,
        mine=True if which == "mine" else None,
        overdue=True if which == "late" else None,
        sort="-opened_at" if which == "done" else "due_at",
    )
    people = [each for task in found.items for each in (task.assignee_id, task.decided_by)]
    names = await find_names(visit.services.database, visit.caller.tenant_id, people=people)
    asked = [pair for pair in visit.request.query_params.multi_items() if pair[0] != "cursor"]
    following = f"/inbox?{urlencode([*asked, ('cursor', found.next_cursor)])}" if found.next_cursor else None
    return draw(visit, "inbox/list.html", tasks=found.items, names=names, which=which, following=following, words=words)


@router.get("/inbox/{task_id}")
async def task(visit: SignedInVisit, task_id: UUID) -> Response:
    """One task."""
    form, notice = await arrive(visit, f"/inbox/{task_id}/decision")
    return await _task(visit, task_id, form, notice)


@router.post("/inbox/{task_id}/decision")
async def decide(visit: SignedInVisit, task_id: UUID) -> Response:
    """Decides the task, and leads back to it: it says what became of it."""
    found: TaskView = await read(visit, get_task, task_id=task_id)
    body = partial(body_of, found.form)
    return await submit(
        visit, partial(_task, visit, task_id), "POST", f"/reviews/{task_id}/decision", body, to(f"/inbox/{task_id}")
    )


@router.post("/inbox/{task_id}/{deed}")
async def take(visit: SignedInVisit, task_id: UUID, deed: str) -> Response:
    """Takes the task into one's hands, or gives it back."""
    if deed not in ("claim", "release"):
        raise not_found("page")
    again = partial(_task, visit, task_id)
    return await submit(visit, again, "POST", f"/reviews/{task_id}/{deed}", fields(), to(f"/inbox/{task_id}"))


@router.get("/customers/{customer_id}/kyc/documents/{document_id}/picture")
async def picture(visit: SignedInVisit, customer_id: UUID, document_id: UUID, file_id: UUID | None = None) -> Response:
    """A document as a picture."""
    return Passed(visit, _paper(customer_id, document_id, "picture", file_id))


@router.get("/customers/{customer_id}/kyc/documents/{document_id}/download")
async def download(visit: SignedInVisit, customer_id: UUID, document_id: UUID, file_id: UUID | None = None) -> Response:
    """A document as it was handed in."""
    return Passed(visit, _paper(customer_id, document_id, "download", file_id))


def _paper(customer_id: UUID, document_id: UUID, how: str, file_id: UUID | None) -> str:
    which = f"?file_id={file_id}" if file_id else ""
    return f"/customers/{customer_id}/kyc/documents/{document_id}/{how}{which}"


async def _task(
    visit: Visit, task_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    page = await task_page(visit, task_id)
    return draw(
        visit,
        "inbox/task.html",
        status,
        page=page,
        task=page.task,
        case=page_of(page.task.case.kind, page.task.case.id),
        form=form,
        notice=notice,
        words=words,
        kyc=kyc_words,
    )
