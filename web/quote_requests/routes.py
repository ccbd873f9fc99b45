"""Requests for a quote in a browser: the list, one of them, asking for one, and answering it."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query
from fastapi.responses import Response

from api.cases.names import Names, find_names
from api.catalogue.routes import list_products
from api.catalogue.searching import Wish
from api.http.paging import Paging
from api.http.payloads import EventView
from api.http.routing import Router
from api.quote_requests.routes import list_quote_requests
from api.quote_requests.schemas import MOST_PRODUCTS, QuoteRequestView
from api.quote_requests.views import QUOTE_REQUESTS
from api.tasks.routes import list_tasks
from api.tasks.schemas import TaskView
from domain.people.permissions import Permission
from domain.quote_requests.rules import QuoteRequestStatus
from domain.tasks.rules import TaskStatus
from web.http.arriving import arrive
from web.http.forms import Form
from web.http.notices import Notice
from web.http.reading import following, read, require, see, told
from web.http.rendering import draw
from web.http.submitting import fields, opened, submit, to, with_files
from web.http.visits import SignedInVisit, Visit
from web.quote_requests import words

router = Router(prefix="/quote-requests")


@dataclass(frozen=True)
class RequestPage:
    """One request with all that its page shows of it. `task` is what asks staff to answer it."""

    request: QuoteRequestView
    events: list[EventView]
    names: Names
    task: TaskView | None

    @property
    def last_reason(self) -> str | None:
        """Why the last step was taken."""
        return self.events[-1].reason if self.events else None


@router.get("")
async def requests(
    visit: SignedInVisit,
    status: Annotated[list[QuoteRequestStatus] | None, Query()] = None,
    cursor: Annotated[str | None, Query(max_length=500)] = None,
) -> Response:
    """The requests that the visitor may see: of staff, those that wait."""
    wanted = status or (None if visit.is_customer else [QuoteRequestStatus.OPEN])
    found = await read(visit, list_quote_requests, paging=Paging(50, cursor, None, count=False), status=wanted)
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people=[each.requester_id for each in found.items],
        customers=[each.customer_id for each in found.items],
    )
    template = "quote_requests/portal_list.html" if visit.is_customer else "quote_requests/list.html"
    listed: dict[str, Any] = {"requests": found.items, "names": names, "following": following(visit, found.next_cursor)}
    return draw(visit, template, shown=status or [], words=words, **listed)


@router.get("/new")
async def new_request(visit: SignedInVisit) -> Response:
    """The form by which a customer asks for a quote."""
    await require(visit, Permission.QUOTES_REQUEST)
    form, notice = await arrive(visit, "/quote-requests/new")
    return await _new(visit, form, notice)


@router.post("/new")
async def ask_for_quote(visit: SignedInVisit) -> Response:
    """Asks for a quote, and leads to the request."""

    def body(form: Form) -> dict[str, Any]:
        wished = form.lists.get("product_ids")
        return with_files("description")(form) | ({"product_ids": wished} if wished else {})

    return await submit(visit, partial(_new, visit), "POST", "/quote-requests", body, opened("/quote-requests"))


@router.get("/{request_id}")
async def request(visit: SignedInVisit, request_id: UUID) -> Response:
    """One request."""
    page = await _page(visit, request_id)
    form, notice = await arrive(visit, f"/quote-requests/{request_id}/settle/{page.task.id if page.task else ''}")
    return _draw(visit, page, form, notice)


@router.post("/{request_id}/settle/{task_id}")
async def settle(visit: SignedInVisit, request_id: UUID, task_id: UUID) -> Response:
    """Answers the request without a quote, by the task that asks for an answer: declines it, or says that it was
    answered in another way."""
    again, here = partial(_request, visit, request_id), f"/quote-requests/{request_id}"
    return await submit(visit, again, "POST", f"/reviews/{task_id}/decision", fields("decision", "reason"), to(here))


@router.post("/{request_id}/withdraw")
async def withdraw(visit: SignedInVisit, request_id: UUID) -> Response:
    """Says that the quote is not wanted any more."""
    again, here = partial(_request, visit, request_id), f"/quote-requests/{request_id}"
    return await submit(visit, again, "POST", f"{here}/withdraw", fields("reason"), to(here))


async def _request(
    visit: Visit, request_id: UUID, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    return _draw(visit, await _page(visit, request_id), form, notice, status)


def _draw(
    visit: Visit, page: RequestPage, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK
) -> Response:
    template = "quote_requests/portal_request.html" if visit.is_customer else "quote_requests/request.html"
    shown: dict[str, Any] = {"page": page, "asked": page.request, "form": form, "notice": notice}
    return draw(visit, template, status, words=words, **shown)


async def _page(visit: Visit, request_id: UUID) -> RequestPage:
    request: QuoteRequestView = await see(visit, QUOTE_REQUESTS, Permission.QUOTES_READ, request_id)
    events = await told(visit, QUOTE_REQUESTS, request_id)
    names = await find_names(
        visit.services.database,
        visit.caller.tenant_id,
        people={event.actor.id for event in events} | {request.requester_id},
        customers=[request.customer_id],
        products=request.product_ids,
    )
    return RequestPage(request, events, names, await _task_of(visit, request))


async def _task_of(visit: Visit, request: QuoteRequestView) -> TaskView | None:
    if request.status is not QuoteRequestStatus.OPEN or not visit.may(Permission.REVIEWS_READ):
        return None
    waiting = await read(visit, list_tasks, case_id=request.id, status=[TaskStatus.PENDING])
    return next(iter(waiting.items), None)


async def _new(visit: Visit, form: Form, notice: Notice | None, status: HTTPStatus = HTTPStatus.OK) -> Response:
    usual = Wish(None, None, None, None, None, None, "popular")
    paging = Paging(MOST_PRODUCTS, None, None, count=False)
    products = await read(visit, list_products, paging=paging, wished=usual, visible_=True)
    return draw(visit, "quote_requests/new.html", status, form=form, notice=notice, products=products.items)
