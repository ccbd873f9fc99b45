"""Tickets in a browser: the list, one of them, and what can be done with it."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.http.paging import Paging
from api.http.problems import not_found
from api.tickets.routes import list_tickets
from domain.people.permissions import Permission
from domain.tickets.rules import TicketPriority, TicketStatus
from web.customers.choosing import customers_to_choose
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import read, require
from web.http.rendering import draw
from web.http.submitting import fields, opened, or_nobody, submit, to, with_files
from web.http.visits import SignedInVisit, Visit
from web.tickets import words
from web.tickets.pages import ticket_page

router = APIRouter(prefix="/tickets")

_OPEN = [status for status in TicketStatus if status is not TicketStatus.CLOSED]
COMMANDS = {
    "status": fields("status", "reason"),
    "priority": fields("priority"),
    "assign": or_nobody("assignee_id"),
    "transfer": or_nobody("group_id"),
    "close": fields("reason"),
    "reopen": fields("reason"),
}
"""What one can ask of a ticket beside a message, with the body that each makes of its form."""


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
async def new_ticket(
    visit: SignedInVisit,
    customer_id: UUID | None = None,
    customer: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    after: UUID | None = None,
) -> Response:
    """The form of a new ticket: of a customer, or with those to choose from who are called so; `after` a closed one,
    with what the visitor has begun to write there."""
    await require(visit, Permission.TICKETS_OPEN)
    form, notice = await arrive(visit, "/tickets/new")
    if after and not form.values.get("body"):
        earlier, _ = await arrive(visit, f"/tickets/{after}/messages")
        form.values |= earlier.given("body")
    if customer_id:
        form.values["customer_id"] = str(customer_id)
    return await _new(visit, form, notice, wanted=customer)


@router.post("/new")
async def open_ticket(visit: SignedInVisit) -> Response:
    """Opens a ticket, and leads to it."""
    return await submit(
        visit,
        partial(_new, visit),
        "POST",
        "/tickets",
        with_files("subject", "body", "priority", "category_id", "customer_id"),
        opened("/tickets"),
    )


@router.get("/{ticket_id}")
async def ticket(visit: SignedInVisit, ticket_id: UUID) -> Response:
    """One ticket."""
    form, notice = await arrive(visit, f"/tickets/{ticket_id}/messages")
    return await _ticket(visit, ticket_id, form, notice)


@router.post("/{ticket_id}/messages")
async def write(visit: SignedInVisit, ticket_id: UUID) -> Response:
    """Writes on the ticket: a reply, or a note that stays in the house."""
    here = f"/tickets/{ticket_id}"
    return await submit(visit, partial(_ticket, visit, ticket_id), "POST", f"{here}/messages", _message, to(here))


@router.post("/{ticket_id}/{command}")
async def command(visit: SignedInVisit, ticket_id: UUID, command: str) -> Response:
    """Asks something else of the ticket: its state, who has it, how urgent it is."""
    if command not in COMMANDS:
        raise not_found("page")
    here, body = f"/tickets/{ticket_id}", COMMANDS[command]
    return await submit(visit, partial(_ticket, visit, ticket_id), "POST", f"{here}/{command}", body, to(here))


def _message(form: Form) -> dict[str, Any]:
    if form.values.get("internal") == "yes":
        return {**with_files()(form), "body": form.values.get("body", ""), "internal": True}
    return with_files("body", "status")(form)


async def _ticket(
    visit: Visit, ticket_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    page = await ticket_page(visit, ticket_id)
    template = "tickets/portal_ticket.html" if visit.is_customer else "tickets/ticket.html"
    return draw(visit, template, status, page=page, ticket=page.ticket, form=form, notice=notice, words=words)


async def _new(
    visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK, wanted: str = ""
) -> Response:
    found = [] if visit.is_customer else await customers_to_choose(visit, wanted, form.values.get("customer_id"))
    return draw(
        visit, "tickets/new.html", status, form=form, notice=notice, words=words, customers=found, wanted=wanted
    )
