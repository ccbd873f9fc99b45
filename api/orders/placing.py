"""Who orders what for whom: checks that a payload can become an order, what it costs, and asks for it."""

from typing import Any
from uuid import UUID

from fastapi import Response
from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.cases.commands import Asking, ask_to_open
from api.http.problems import field_error
from api.identity.callers import Caller
from api.orders.contents import Ordered, as_written, from_catalogue, from_quote, wanted_by, write_content
from api.orders.schemas import OrderBody, OrderEditBody
from api.orders.views import ORDERS
from api.quotes.door import find_quote
from domain.orders import rules
from domain.orders.settings import OrderSettings
from domain.refusal import Refusal
from models.orders import Order, OrderContent
from models.people import Customer
from models.tenants import Tenant
from stores.orders.contents import require_not_ordered
from stores.people import locale_of_customer
from stores.quotes.door import offered, require_accepted
from stores.stock.availability import require_available


async def place(asked: Asking, caller: Caller, body: OrderBody) -> Response:
    """Asks for an order to be opened, and answers with it.

    Raises 422 for what is unknown; Refusal `out_of_stock`, `quote_not_accepted`, `quote_converted`.
    """
    order_id, content_id = uuid7(), uuid7()

    async def content(session: AsyncSession) -> dict[str, Any]:
        tenant = await session.get_one(Tenant, caller.tenant_id)
        settings = OrderSettings.in_force(tenant.settings)
        customer_id, ordered = await _ordered(session, caller, body)
        await require_available(session, caller.tenant_id, wanted_by(ordered.lines))
        session.add(
            Order(
                id=order_id,
                tenant_id=caller.tenant_id,
                customer_id=customer_id,
                requester_id=caller.account_id,
                quote_id=body.quote_id,
                currency=ordered.currency,
                locale=await locale_of_customer(session, customer_id) or tenant.locale,
                payment_first=settings.payment_first,
            )
        )
        await session.flush()
        await write_content(session, caller.tenant_id, order_id, content_id, ordered, body.notes)
        looked_at = rules.needs_validation(ordered.totals.total, settings, from_quote=body.quote_id is not None)
        return {"validated": not looked_at, "validation_hours": settings.validation_hours}

    arguments = {"content_id": content_id, "quote_id": body.quote_id}
    return await ask_to_open(asked, caller, ORDERS, order_id, arguments, content=content)


async def _ordered(session: AsyncSession, caller: Caller, body: OrderBody) -> tuple[UUID, Ordered]:
    """For which customer, and what."""
    if body.quote_id is None:
        customer_id = await _customer(session, caller, body.customer_id)
        return customer_id, await from_catalogue(session, caller, body.lines or ())
    quote = await find_quote(session, caller, body.quote_id, body.customer_id)
    require_accepted(quote.status)
    await require_not_ordered(session, quote.id)
    return quote.customer_id, from_quote(await offered(session, quote.content_id), quote.currency)


async def edited(
    session: AsyncSession, caller: Caller, order: Order, body: OrderEditBody
) -> tuple[Ordered, str | None]:
    """What an order orders after a change, and its notes: what is not given stays. Raises as `place`, and Refusal
    `order_not_request`, `order_of_quote` for lines that were accepted as they are."""
    rules.require_editable(order.status)
    content = await session.get_one(OrderContent, order.content_id)
    notes = body.notes if "notes" in body.model_fields_set else content.notes
    if body.lines is None:
        return await as_written(session, content, order.currency), notes
    if order.quote_id:
        raise Refusal("order_of_quote", "The lines of this order were accepted with its quote.")
    ordered = await from_catalogue(session, caller, body.lines)
    if ordered.currency != order.currency:
        raise field_error("lines", "currency_mismatch", "This order is in another currency.")
    return ordered, notes


async def _customer(session: AsyncSession, caller: Caller, customer_id: UUID | None) -> UUID:
    if caller.customer_id is not None:
        if customer_id not in (None, caller.customer_id):
            raise field_error("customer_id", "other_customer", "You order for your own customer.")
        return caller.customer_id
    if customer_id is None:
        raise field_error("customer_id", "missing", "Staff say for whom they order.")
    if await session.get(Customer, customer_id) is None:
        raise field_error("customer_id", "unknown", "There is no customer with this id.")
    return customer_id
