"""Asks the tenant's own system to fulfil a line of an order, or to undo that."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import col
from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.orders.calls import call
from domain.orders.calls import FulfilmentCall
from models.catalogue import Product
from models.database import Database
from models.orders import Order, OrderLine, WebhookEndpoint


class FulfilmentActivities:
    """`private` lets receivers on the own machine and network be called too, as a demo wants it."""

    def __init__(self, database: Database, *, private: bool = False) -> None:
        self._database, self._private = database, private

    @activity.defn(name="orders.call_fulfilment")
    async def call(self, asked: FulfilmentCall) -> None:
        """Raises ApplicationError as `calls.call`, and `webhook_gone` for good when there is no webhook any more."""
        endpoint, payload = await self._read(asked)
        await call(endpoint.url, endpoint.secret, asked.key, payload, private=self._private)

    async def _read(self, asked: FulfilmentCall) -> tuple[WebhookEndpoint, dict[str, Any]]:
        async with self._database.transaction(asked.tenant_id) as session:
            endpoint = await session.scalar(
                sa.select(WebhookEndpoint).where(col(WebhookEndpoint.tenant_id) == asked.tenant_id)
            )
            if endpoint is None:
                raise ApplicationError("There is no webhook any more.", type="webhook_gone", non_retryable=True)
            order = await session.get_one(Order, asked.order_id)
            line = await session.get_one(OrderLine, asked.line_id)
            product = await session.get(Product, line.product_id) if line.product_id else None
        data = {
            "order_id": str(order.id),
            "order_number": order.number,
            "customer_id": str(order.customer_id),
            "line_id": str(line.id),
            "position": line.position,
            "sku": product.sku if product else None,
            "name": line.name,
            "quantity_thousandths": line.quantity,
        }
        return endpoint, {"type": asked.type, "timestamp": datetime.now(UTC).isoformat(), "data": data}
