"""Tickets in a browser: the list, one of them, and what can be done with it."""

from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.http.paging import Paging
from api.tickets.routes import list_tickets
from domain.tickets.rules import TicketPriority, TicketStatus
from web.http.forms import Form, posted
from web.http.notices import Notice, after, not_proven, put_errors, refused, seen
from web.http.reading import read
from web.http.rendering import draw, gettext
from web.http.sending import send
from web.http.visits import SignedInVisit, Visit
from web.tickets import words
from web.tickets.pages import ticket_page

router = APIRouter(prefix="/tickets")

_OPEN = [status for status in TicketStatus if status is not TicketStatus.CLOSED]
_COMMANDS = {
    "status": ("status", "reason"),
    "priority": ("priority",),
    "assign": ("assignee_id",),
    "transfer": ("group_id",),
    "close": ("reason",),
    "reopen": ("reason",),
}
"""What one can ask of a ticket beside a message, and the fields of each."""
_MAY_BE_NOBODY = frozenset({"assignee_id", "group_id"})


@router.get("")
async def tickets(
    visit: SignedInVisit,
    status: Annotated[list[TicketStatus] | None, Query()] = None,
    priority: Annotated[list[TicketPriority] | None, Query()] = None,
    q: Annotated[str | None, Query(max_length=200)] = None,
    mine: bool = False,
    breached: bool | None = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The tickets that the visitor may see."""
    found = await read(
        visit,
        list_tickets,
        paging=Paging(50, cursor, None, count=False),
        status=status or (None if q else _OPEN),
        priority=priority,
        assignee_id=visit.caller.account_id if mine else None,
        breached=breached,
        q=q or None,
    )
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people=[ticket.assignee_id for ticket in found.items],
        customers=[ticket.customer_id for ticket in found.items],
    )
    asked = [pair for pair in visit.request.query_params.multi_items() if pair[0] != "cursor"]
    following = f"/tickets?{urlencode([*asked, ('cursor', found.next_cursor)])}" if found.next_cursor else None
    template = "tickets/portal_list.html" if visit.is_customer else "tickets/list.html"
    shown = {"status": status or [], "q": q or "", "mine": mine, "breached": breached}
    return draw(visit, template, tickets=found.items, names=names, shown=shown, following=following, words=words)


@router.get("/new")
async def new_ticket(visit: SignedInVisit) -> Response:
    """The form of a new ticket."""
    return _new(visit, Form())


@router.post("/new")
async def open_ticket(visit: SignedInVisit) -> Response:
    """Opens a ticket."""
    form = await posted(visit)
    if not form.ours:
        return _new(visit, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    body = form.given("subject", "body", "priority", "customer_id")
    ending = await send(visit, "POST", "/tickets", body, key=form.key)
    if ending.done:
        return after(ending, f"/tickets/{ending.body['id']}")
    if ending.pending:
        return after(ending, f"/tickets/{ending.body['case_id']}")
    put_errors(visit, ending, form)
    notice = refused(visit, ending, gettext(visit, "Not sent.")) if not form.errors else None
    return _new(visit, form.with_new_key(), notice, HTTPStatus(ending.status))


@router.get("/{ticket_id}")
async def ticket(visit: SignedInVisit, ticket_id: UUID) -> Response:
    """One ticket."""
    return await _ticket(visit, ticket_id, Form(), seen(visit))


@router.post("/{ticket_id}/messages")
async def write(visit: SignedInVisit, ticket_id: UUID) -> Response:
    """Writes on the ticket: a reply, or a note that stays in the house."""
    form = await posted(visit)
    if not form.ours:
        return await _ticket(visit, ticket_id, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    body: dict[str, Any] = form.given("body", "status")
    if form.values.get("internal"):
        body = {"body": form.values.get("body", ""), "internal": True}
    ending = await send(visit, "POST", f"/tickets/{ticket_id}/messages", body, key=form.key)
    return await _answer(visit, ticket_id, form, ending)


@router.post("/{ticket_id}/{command}")
async def command(visit: SignedInVisit, ticket_id: UUID, command: str) -> Response:
    """Asks something else of the ticket: its state, who has it, how urgent it is."""
    if command not in _COMMANDS:
        return await _ticket(visit, ticket_id, Form(), None, HTTPStatus.NOT_FOUND)
    form = await posted(visit)
    if not form.ours:
        return await _ticket(visit, ticket_id, form, not_proven(visit), HTTPStatus.FORBIDDEN)
    names = _COMMANDS[command]
    body: dict[str, Any] = form.given(*names)
    body |= {name: None for name in names if name in _MAY_BE_NOBODY and not form.values.get(name)}
    ending = await send(visit, "POST", f"/tickets/{ticket_id}/{command}", body, key=form.key)
    return await _answer(visit, ticket_id, form, ending)


async def _answer(visit: Visit, ticket_id: UUID, form: Form, ending: Any) -> Response:
    if ending.done or ending.pending:
        return after(ending, f"/tickets/{ticket_id}")
    put_errors(visit, ending, form)
    notice = refused(visit, ending, gettext(visit, "Not done.")) if ending.code not in ("not_found",) else None
    return await _ticket(visit, ticket_id, form.with_new_key(), notice, HTTPStatus(ending.status))


async def _ticket(
    visit: Visit, ticket_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    page = await ticket_page(visit, ticket_id)
    template = "tickets/portal_ticket.html" if visit.is_customer else "tickets/ticket.html"
    return draw(visit, template, status, page=page, ticket=page.ticket, form=form, notice=notice, words=words)


def _new(visit: Visit, form: Form, notice: Notice | None = None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return draw(visit, "tickets/new.html", status, form=form, notice=notice, words=words)
