"""The door of orders in the API: the only module of theirs that other lifecycles may import."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error
from models.orders import Order


async def require_order(session: AsyncSession, order_id: UUID, customer_id: UUID) -> None:
    """Raises 422 for an order that is not there or is another customer's."""
    order = await session.get(Order, order_id)
    if order is None or order.version == 0:
        raise field_error("order_id", "unknown", "There is no order with this id.")
    if order.customer_id != customer_id:
        raise field_error("order_id", "other_customer", "This order is another customer's.")
