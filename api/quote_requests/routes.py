"""Requests for a quote: what customers would like to have quoted."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import AskingDep, ask
from api.cases.reader import answer
from api.catalogue.routes import visible as visible_products
from api.files.attachments import take_files
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import EventView, Page
from api.http.problems import Problem, field_error, not_found
from api.http.rate_limits import OPENING
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.quote_requests.schemas import QuoteRequestBody, QuoteRequestView
from api.quote_requests.views import QUOTE_REQUESTS, views_of
from domain.people.permissions import Permission
from domain.quote_requests.rules import QuoteRequestStatus
from models.cases import CommandRow
from models.catalogue import Product
from models.quote_requests import QuoteRequest, QuoteRequestFile, QuoteRequestProduct

router = APIRouter(prefix="/quote-requests", tags=["quotes"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.QUOTES_READ))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=QuoteRequestView, dependencies=OPENING)
async def ask_for_quote(
    body: QuoteRequestBody,
    asked: AskingDep,
    caller: Annotated[Caller, Depends(needs(Permission.QUOTES_REQUEST))],
) -> Response:
    """Asks for a quote: a task opens for sales, and the request can be followed until it is answered."""
    request_id = uuid7()

    async def content(session: AsyncSession) -> None:
        if caller.customer_id is None:
            raise Problem(HTTPStatus.FORBIDDEN, "no_customer", "Your account does not belong to a customer.")
        products = list(dict.fromkeys(body.product_ids))
        await _require_products(session, caller, products)
        session.add(
            QuoteRequest(
                id=request_id,
                tenant_id=caller.tenant_id,
                customer_id=caller.customer_id,
                requester_id=caller.account_id,
                description=body.description,
            )
        )
        await session.flush()
        session.add_all(
            QuoteRequestProduct(
                tenant_id=caller.tenant_id, request_id=request_id, product_id=product_id, position=position
            )
            for position, product_id in enumerate(products)
        )
        files = await take_files(session, caller, body.file_ids)
        session.add_all(
            QuoteRequestFile(tenant_id=caller.tenant_id, request_id=request_id, file_id=file_id, position=position)
            for position, file_id in enumerate(files)
        )

    async def read(session: AsyncSession, command: CommandRow) -> QuoteRequestView:
        if command.case_id is None:
            raise not_found("quote request")
        return (await views_of(session, caller, [await QUOTE_REQUESTS.find(session, caller, command.case_id)]))[0]

    return await ask(
        asked,
        caller,
        QUOTE_REQUESTS,
        request_id,
        "open",
        content=content,
        read=read,
        success=HTTPStatus.CREATED,
    )


@router.get("")
async def list_quote_requests(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Annotated[list[QuoteRequestStatus] | None, Query()] = None,
    customer_id: UUID | None = None,
    sort: Annotated[str, Query(max_length=40)] = "-created_at",
) -> Page[QuoteRequestView]:
    """The requests that the caller may see, newest first unless sorted otherwise."""
    query = QUOTE_REQUESTS.visible(caller)
    if status:
        query = query.where(col(QuoteRequest.status).in_(status))
    if customer_id:
        query = query.where(col(QuoteRequest.customer_id) == customer_id)
    order = order_of(sort, {"created_at": QuoteRequest.created_at}, QuoteRequest.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
        views = await views_of(session, caller, list(rows))
    return Page(items=views, next_cursor=cursor, total=total)


@router.get("/{request_id}", response_model=QuoteRequestView)
async def get_quote_request(request_id: UUID, caller: Reader, service: Service) -> Response:
    """One request, and how far it has come."""
    async with service.database.transaction(caller.tenant_id) as session:
        request = await QUOTE_REQUESTS.find(session, caller, request_id)
        return answer((await views_of(session, caller, [request]))[0])


@router.get("/{request_id}/timeline")
async def get_timeline(request_id: UUID, caller: Reader, service: Service, paging: PagingDep) -> Page[EventView]:
    """What happened, oldest first, and why. Clients see what concerns them."""
    async with service.database.transaction(caller.tenant_id) as session:
        return await QUOTE_REQUESTS.timeline(session, caller, request_id, paging)


async def _require_products(session: AsyncSession, caller: Caller, product_ids: list[UUID]) -> None:
    known = visible_products(caller).with_only_columns(col(Product.id)).where(col(Product.id).in_(product_ids))
    missing = set(product_ids) - set(await session.scalars(known))
    if missing:
        place = next(place for place, product_id in enumerate(product_ids) if product_id in missing)
        raise field_error(f"product_ids.{place}", "unknown", "There is no product with this id.")
