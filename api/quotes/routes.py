"""Quotes: writing and reading them, and the commands that move them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import AskingAnewDep, AskingDep, ask_about, ask_to_open
from api.cases.reading import add_reading
from api.http.openapi import MAKES_ELSEWHERE, MAY_WAIT
from api.http.paging import PagingDep, order_of, page, sorts_by
from api.http.payloads import Page, ReasonBody, UtcTime
from api.http.problems import conflict, field_error
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.quote_requests.door import require_open_request
from api.quotes.contents import reckon, write_content
from api.quotes.papers import PDF_RESPONSES, send_paper
from api.quotes.schemas import (
    AcceptBody,
    QuoteBody,
    QuoteContentBody,
    QuoteSummary,
    QuoteView,
    TotalsBody,
    TotalsView,
)
from api.quotes.views import QUOTES, read, read_next
from domain.people.permissions import Permission
from domain.quotes.rules import QuoteStatus
from models.people import Customer
from models.quotes import Quote, QuoteAnswer
from models.tenants import Tenant
from stores.people import locale_of_customer, people_of_customer

router = Router(prefix="/quotes", tags=["quotes"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.QUOTES_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.QUOTES_WRITE))]
Accepter = Annotated[Caller, Depends(needs(Permission.QUOTES_ACCEPT))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=QuoteView, dependencies=OPENING, responses=MAY_WAIT)
async def write_quote(body: QuoteBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Writes a draft: its number and totals are in the answer. One that answers a request settles it."""
    quote_id, content_id = uuid7(), uuid7()

    async def content(session: AsyncSession) -> None:
        tenant = await session.get_one(Tenant, caller.tenant_id)
        if await session.get(Customer, body.customer_id) is None:
            raise field_error("customer_id", "unknown", "There is no customer with this id.")
        if body.request_id:
            await require_open_request(session, body.request_id, body.customer_id)
        currency = body.currency or tenant.currency
        session.add(
            Quote(
                id=quote_id,
                tenant_id=caller.tenant_id,
                root_id=quote_id,
                customer_id=body.customer_id,
                author_id=caller.account_id,
                request_id=body.request_id,
                currency=currency,
                locale=await locale_of_customer(session, body.customer_id) or tenant.locale,
            )
        )
        await session.flush()
        await write_content(session, tenant, quote_id, currency, body, content_id)

    arguments = {"content_id": content_id, "request_id": body.request_id}
    return await ask_to_open(asked, caller, QUOTES, quote_id, arguments, content=content)


@router.post("/totals")
async def reckon_quote_totals(body: TotalsBody, caller: Writer, service: Service) -> TotalsView:
    """What a quote of this content would come to, and whether a manager would have to approve it; writes nothing."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await reckon(session, await session.get_one(Tenant, caller.tenant_id), body)


@router.get("")
async def list_quotes(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Annotated[list[QuoteStatus] | None, Query()] = None,
    customer_id: UUID | None = None,
    author_id: UUID | None = None,
    valid_before: Annotated[UtcTime | None, Query(description="Of those that were sent: whose validity ends")] = None,
    q: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of a number or a customer")
    ] = None,
    latest: Annotated[bool | None, Query(description="Only the newest version of each quote")] = None,
    sort: Annotated[str, sorts_by("created_at", "updated_at", "number")] = "-created_at",
) -> Page[QuoteSummary]:
    """The quotes that the caller may see, newest first unless sorted otherwise."""
    query = QUOTES.visible(caller)
    if status:
        query = query.where(col(Quote.status).in_(status))
    if customer_id:
        query = query.where(col(Quote.customer_id) == customer_id)
    if author_id:
        query = query.where(col(Quote.author_id) == author_id)
    if valid_before:
        query = query.where(col(Quote.valid_until) < valid_before)
    if q:
        named = sa.select(col(Customer.id)).where(contains(Customer.name, q) | contains(Customer.company_name, q))
        query = query.where(contains(Quote.number, q) | col(Quote.customer_id).in_(named))
    if latest is not None:
        newest = col(Quote.superseded_by_id).is_(None)
        query = query.where(newest if latest else sa.not_(newest))
    sortable = {"created_at": Quote.created_at, "updated_at": Quote.updated_at, "number": Quote.number}
    order = order_of(sort, sortable, Quote.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[QuoteSummary.model_validate(row) for row in rows], next_cursor=cursor, total=total)


add_reading(router, QUOTES, Permission.QUOTES_READ, QuoteView, "quote_id")


@router.put("/{quote_id}", response_model=QuoteView)
async def edit_quote(quote_id: UUID, body: QuoteContentBody, asked: AskingDep, caller: Writer) -> Response:
    """Replaces what a draft offers; a rejected quote becomes a draft again. 409 `quote_not_draft` for any other."""
    content_id = uuid7()

    async def content(session: AsyncSession) -> None:
        quote = await QUOTES.find(session, caller, quote_id)
        tenant = await session.get_one(Tenant, caller.tenant_id)
        await write_content(session, tenant, quote_id, quote.currency, body, content_id)

    return await ask_about(asked, caller, QUOTES, quote_id, "edit", {"content_id": content_id}, check=content)


@router.delete("/{quote_id}", status_code=HTTPStatus.NO_CONTENT)
async def delete_quote(quote_id: UUID, asked: AskingDep, caller: Writer) -> Response:
    """Deletes a draft: it is gone from every list, its number is not given again."""
    sent = await ask_about(asked, caller, QUOTES, quote_id, "discard", read=read)
    return Response(status_code=HTTPStatus.NO_CONTENT) if sent.status_code == HTTPStatus.OK else sent


@router.post("/{quote_id}/submit", response_model=QuoteView)
async def submit_quote(quote_id: UUID, asked: AskingDep, caller: Writer) -> Response:
    """Approved at once within the tenant's limits; above them a manager is asked, who is not the one who asks."""
    return await ask_about(asked, caller, QUOTES, quote_id, "submit")


@router.post("/{quote_id}/send", response_model=QuoteView)
async def send_quote(quote_id: UUID, asked: AskingDep, caller: Writer) -> Response:
    """Mails an approved quote to its customer, on paper and with a link to answer; 409 `customer_unreachable` when
    there is no address."""

    async def check(session: AsyncSession) -> None:
        quote = await QUOTES.find(session, caller, quote_id)
        customer = await session.get_one(Customer, quote.customer_id)
        if customer.email is None and not await people_of_customer(session, customer.id):
            raise conflict("customer_unreachable", "This customer has no e-mail address and nobody who speaks for it.")

    return await ask_about(asked, caller, QUOTES, quote_id, "send", check=check)


@router.post("/{quote_id}/resend", response_model=QuoteView)
async def resend_quote(quote_id: UUID, asked: AskingDep, caller: Writer) -> Response:
    """Mails a quote once more that waits for its customer: the same offer, which holds no longer than before."""
    return await ask_about(asked, caller, QUOTES, quote_id, "resend")


@router.post("/{quote_id}/withdraw", response_model=QuoteView)
async def withdraw_quote(quote_id: UUID, body: ReasonBody, asked: AskingDep, caller: Writer) -> Response:
    """Takes back an approval that was asked for, so that the quote is a draft again, or for good one that was sent: its
    customer is told, and its link says so. Another version can follow it."""
    return await ask_about(asked, caller, QUOTES, quote_id, "withdraw", reason=body.reason)


@router.post("/{quote_id}/accept", response_model=QuoteView)
async def accept_quote(quote_id: UUID, body: AcceptBody, asked: AskingDep, caller: Accepter) -> Response:
    """Accepts what was sent; 409 `quote_expired` from the second on at which its validity ends."""
    answer_id = uuid7()

    async def keep(session: AsyncSession) -> None:
        session.add(QuoteAnswer(id=answer_id, tenant_id=caller.tenant_id, quote_id=quote_id, **body.model_dump()))

    return await ask_about(asked, caller, QUOTES, quote_id, "accept", {"answer_id": answer_id}, check=keep)


@router.post("/{quote_id}/decline", response_model=QuoteView)
async def decline_quote(quote_id: UUID, body: ReasonBody, asked: AskingDep, caller: Accepter) -> Response:
    """Declines what was sent."""
    return await ask_about(asked, caller, QUOTES, quote_id, "decline", reason=body.reason)


@router.post(
    "/{quote_id}/new-version",
    status_code=HTTPStatus.CREATED,
    response_model=QuoteView,
    dependencies=OPENING,
    responses=MAKES_ELSEWHERE,
)
async def begin_quote_version(quote_id: UUID, asked: AskingDep, caller: Writer) -> Response:
    """Replaces a quote that left the house by a draft of the same content, under the same number. The earlier version
    can be accepted no more; one that was accepted stays (409 `quote_accepted`)."""
    return await ask_about(
        asked,
        caller,
        QUOTES,
        quote_id,
        "supersede",
        {"next_quote_id": uuid7()},
        read=read_next,
        success=HTTPStatus.CREATED,
        at=lambda command: QUOTES.address(command.arguments["next_quote_id"]),
    )


@router.get("/{quote_id}/versions")
async def list_quote_versions(
    quote_id: UUID, caller: Reader, service: Service, paging: PagingDep
) -> Page[QuoteSummary]:
    """All versions of a quote that the caller may see, oldest first."""
    async with service.database.transaction(caller.tenant_id) as session:
        quote = await QUOTES.find(session, caller, quote_id)
        same = QUOTES.visible(caller).where(col(Quote.root_id) == quote.root_id)
        order = order_of("quote_version", {"quote_version": Quote.quote_version}, Quote.id)
        rows, cursor, total = await page(session, same, order, paging)
    return Page(items=[QuoteSummary.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{quote_id}/pdf", response_class=Response, responses=PDF_RESPONSES)
async def download_quote(quote_id: UUID, request: Request, caller: Reader, service: Service) -> Response:
    """The quote on paper: the same bytes whenever it is asked for. What has not been sent is marked as a draft."""
    async with service.database.transaction(caller.tenant_id) as session:
        quote = await QUOTES.find(session, caller, quote_id)
    return await send_paper(request, service, quote)
