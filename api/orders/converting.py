"""An accepted quote becomes an order: another door to placing one."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from api.cases.commands import AskingAnewDep
from api.http.openapi import MAKES_ELSEWHERE, MAY_WAIT
from api.http.problems import not_found
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.identity.callers import Caller, needs
from api.orders.placing import place
from api.orders.schemas import OrderBody, OrderView
from api.quotes.door import quotes_seen_by
from domain.people.permissions import Permission

router = Router(prefix="/quotes", tags=["quotes"])

Placer = Annotated[Caller, Depends(needs(Permission.ORDERS_PLACE))]


@router.post(
    "/{quote_id}/convert",
    status_code=HTTPStatus.CREATED,
    response_model=OrderView,
    dependencies=OPENING,
    responses=MAKES_ELSEWHERE | MAY_WAIT,
)
async def convert_quote(quote_id: UUID, asked: AskingAnewDep, caller: Placer) -> Response:
    """Places the order of an accepted quote, at the prices that were accepted, as `POST /orders` with its `quote_id`
    does: the answer is the order. The quote is `converted` a moment later. 409 `quote_not_accepted`, and
    `quote_converted` when an order has come of it that was not cancelled."""
    async with asked.services.database.transaction(caller.tenant_id) as session:
        if not await quotes_seen_by(session, caller, [quote_id]):
            raise not_found("quote")
    return await place(asked, caller, OrderBody(quote_id=quote_id))
