"""Who orders what for whom: checks that a payload can become an order, and what it costs."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error
from api.identity.callers import Caller
from api.orders.contents import Ordered, as_written, from_catalogue, from_quote, wanted_by
from api.orders.schemas import OrderBody, OrderEditBody
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


@dataclass(frozen=True)
class Placed:
    """An order that can be placed: its columns, what it orders, and whether nobody need look at it first."""

    columns: dict[str, Any]
    ordered: Ordered
    validated: bool


async def placed(session: AsyncSession, caller: Caller, body: OrderBody) -> Placed:
    """Raises 422 for what is unknown; Refusal `out_of_stock`, `quote_not_accepted`, `quote_converted`."""
    tenant = await session.get_one(Tenant, caller.tenant_id)
    settings = OrderSettings.in_force(tenant.settings)
    if body.quote_id:
        quote = await find_quote(session, caller, body.quote_id)
        if body.customer_id not in (None, quote.customer_id):
            raise field_error("customer_id", "other_customer", "This quote is another customer's.")
        require_accepted(quote.status)
        await require_not_ordered(session, quote.id)
        customer_id = quote.customer_id
        ordered = from_quote(await offered(session, quote.content_id), quote.currency)
    else:
        customer_id = await _customer(session, caller, body.customer_id)
        ordered = await from_catalogue(session, caller, body.lines or ())
    await require_available(session, caller.tenant_id, wanted_by(ordered.lines))
    columns = {
        "tenant_id": caller.tenant_id,
        "customer_id": customer_id,
        "requester_id": caller.account_id,
        "quote_id": body.quote_id,
        "locale": await locale_of_customer(session, customer_id) or tenant.locale,
        "payment_first": settings.payment_first,
    }
    looked_at = rules.needs_validation(ordered.totals.total, settings, from_quote=body.quote_id is not None)
    return Placed(columns, ordered, validated=not looked_at)


async def edited(
    session: AsyncSession, caller: Caller, order: Order, body: OrderEditBody
) -> tuple[Ordered, str | None]:
    """What an order orders after a change, and its notes: what is not given stays. Raises as `placed`, and Refusal
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
