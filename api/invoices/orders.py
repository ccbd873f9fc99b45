"""What a request says of the order that an invoice is for."""

from uuid import UUID

from api.http.problems import field_error


async def require_order(order_id: UUID | None) -> None:
    """Raises 422: there are no orders yet that an invoice could be for."""
    if order_id:
        raise field_error("order_id", "unknown", "There is no order with this id.")
