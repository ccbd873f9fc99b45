"""Tickets in a browser: the list, one of them, and what can be done with it."""

from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.cases.names import find_names
from api.http.paging import Paging
from api.http.problems import not_found
from api.http.routing import Router
from api.tickets.routes import list_tickets
from domain.people.permissions import Permission
from web.customers.choosing import customers_to_choose
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import read, require
from web.http.rendering import draw
from web.http.submitting import fields, nothing, opened, or_nobody, submit, to, with_files
from web.http.visits import SignedInVisit, Visit
from web.tickets import words
from web.tickets.pages import ticket_page
from web.tickets.viewing import Asked, at_the_view, counted, views_of, whom_of

router = Router(prefix="/tickets")

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
async def tickets(visit: SignedInVisit, cursor: Annotated[str | None, Query(max_length=500)] = None) -> Response:
    """The tickets that the visitor may see, narrowed and sorted by what of the address can be."""
    return await _list(visit, visit.request.url.query, cursor)


async def _list(
    visit: Visit,
    query: str,
    cursor: str | None = None,
    form: Form | None = None,
    notice: Notice | None = None,
    status: HTTPStatus = HTTPStatus.OK,
) -> Response:
    paging, asked = Paging(50, cursor, None, count=False), Asked.at(query)
    found = await read(visit, list_tickets, paging=paging, filters=asked.narrowed.filters(visit.caller))
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people=[ticket.assignee_id for ticket in found.items],
        customers=[ticket.customer_id for ticket in found.items],
    )
    page: dict[str, Any] = {
        "tickets": found.items,
        "names": names,
        "following": asked.followed_by(found.next_cursor),
        "words": words,
        "asked": asked,
        "shown": asked.chosen,
    }
    if visit.is_customer:
        return draw(visit, "tickets/portal_list.html", status, **page)
    return draw(
        visit,
        "tickets/list.html",
        status,
        **page,
        views=await views_of(visit, query),
        whom=await whom_of(visit),
        form=form or Form(),
        notice=notice,
    )


async def _list_again(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus) -> Response:
    return await _list(visit, form.values.get("query", ""), None, form, notice, status)


@router.get("/views/counts")
async def count_views(visit: SignedInVisit) -> Response:
    """The views of the list with how many tickets are in each: a part that comes after the page, which waits for no
    counting."""
    views = await views_of(visit, visit.request.url.query)
    return draw(visit, "tickets/views.html", views=await counted(visit, views))


@router.post("/views")
async def keep_view(visit: SignedInVisit) -> Response:
    """Keeps the list that is looked at by a name."""

    def body(form: Form) -> dict[str, Any]:
        return {"page": "tickets", **form.given("name", "query")}

    return await submit(visit, partial(_list_again, visit), "POST", "/me/views", body, at_the_view)


@router.post("/views/{view_id}/forget")
async def forget_view(visit: SignedInVisit, view_id: UUID) -> Response:
    """Keeps a view no longer."""
    again = partial(_list_again, visit)
    return await submit(visit, again, "DELETE", f"/me/views/{view_id}", nothing, to("/tickets"))


@router.get("/new")
async def new_ticket(
    visit: SignedInVisit,
    customer_id: UUID | None = None,
    customer: Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$")] = "",
    after: UUID | None = None,
) -> Response:
    """The form of a new ticket: of a customer, or with those to choose from who are called so; `after` a closed one,
    with what the visitor has begun to write there, below what was begun here."""
    await require(visit, Permission.TICKETS_OPEN)
    form, notice = await arrive(visit, "/tickets/new")
    if after:
        earlier, _ = await arrive(visit, f"/tickets/{after}/messages")
        here, there = form.values.get("body", ""), earlier.values.get("body", "")
        if there not in here:
            form.values["body"] = "\n\n".join(filter(None, (here, there)))
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
