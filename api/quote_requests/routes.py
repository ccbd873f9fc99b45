"""Requests for a quote: what customers would like to have quoted."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import AskingAnewDep, AskingDep, ask_about, ask_to_open
from api.cases.reading import add_list, add_reading
from api.catalogue.products import visible as visible_products
from api.files.attachments import attach
from api.http.openapi import MAY_WAIT
from api.http.payloads import OptionalReasonBody
from api.http.problems import field_error
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.identity.callers import Caller, needs
from api.quote_requests.schemas import QuoteRequestBody, QuoteRequestView
from api.quote_requests.views import QUOTE_REQUESTS
from domain.people.permissions import Permission
from domain.quote_requests.rules import QuoteRequestStatus
from models.catalogue import Product
from models.quote_requests import QuoteRequest, QuoteRequestFile, QuoteRequestProduct

router = Router(prefix="/quote-requests", tags=["quotes"])

Asker = Annotated[Caller, Depends(needs(Permission.QUOTES_REQUEST))]


@router.post(
    "", status_code=HTTPStatus.CREATED, response_model=QuoteRequestView, dependencies=OPENING, responses=MAY_WAIT
)
async def ask_for_quote(body: QuoteRequestBody, asked: AskingAnewDep, caller: Asker) -> Response:
    """Asks for a quote: a task opens for sales, and the request can be followed until it is answered."""
    request_id = uuid7()

    async def content(session: AsyncSession) -> None:
        request = QuoteRequest(id=request_id, description=body.description, **caller.as_requester())
        products = list(dict.fromkeys(body.product_ids))
        await _require_products(session, caller, products)
        session.add(request)
        await session.flush()
        session.add_all(
            QuoteRequestProduct(tenant_id=caller.tenant_id, request_id=request_id, product_id=each, position=place)
            for place, each in enumerate(products)
        )
        await attach(session, caller, QuoteRequestFile, body.file_ids, request_id=request_id)

    return await ask_to_open(asked, caller, QUOTE_REQUESTS, request_id, content=content)


@router.post("/{request_id}/withdraw", response_model=QuoteRequestView)
async def withdraw_quote_request(
    request_id: UUID, asked: AskingDep, caller: Asker, body: OptionalReasonBody | None = None
) -> Response:
    """Says that the quote is not wanted any more; 409 `quote_request_settled` once it was answered."""
    return await ask_about(asked, caller, QUOTE_REQUESTS, request_id, "withdraw", reason=body.reason if body else None)


list_quote_requests = add_list(router, QUOTE_REQUESTS, Permission.QUOTES_READ, QuoteRequestView, QuoteRequestStatus)
add_reading(router, QUOTE_REQUESTS, Permission.QUOTES_READ, QuoteRequestView, "request_id")


async def _require_products(session: AsyncSession, caller: Caller, product_ids: list[UUID]) -> None:
    known = visible_products(caller).with_only_columns(col(Product.id)).where(col(Product.id).in_(product_ids))
    missing = set(product_ids) - set(await session.scalars(known))
    if missing:
        place = next(place for place, product_id in enumerate(product_ids) if product_id in missing)
        raise field_error(f"product_ids.{place}", "unknown", "There is no product with this id.")
