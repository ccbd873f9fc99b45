"""What a request says of the order that an invoice is for."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error


async def require_order(session: AsyncSession, order_id: UUID, customer_id: UUID) -> None:  # noqa: ARG001
    """Raises 422 for an order that is not there or is another customer's: there are none yet."""
    raise field_error("order_id", "unknown", "There is no order with this id.")
