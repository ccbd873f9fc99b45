"""Which orders a caller may see, and what is read of them."""

from collections.abc import Sequence

from sqlalchemy.ext.asyncio import AsyncSession

from api.cases.reader import Cases
from api.http.money import quantity_of
from api.identity.callers import Caller
from api.orders.schemas import OrderView
from domain.cases import CaseKind
from domain.orders.events import SHOWN_TO_CUSTOMERS
from domain.orders.rules import StockStage
from domain.people.permissions import Permission
from models.orders import Order, OrderContent, OrderLine
from stores.sales import lines_of


async def _views(session: AsyncSession, caller: Caller, orders: Sequence[Order]) -> list[OrderView]:  # noqa: ARG001
    return [await _view_of(session, order) for order in orders]


async def _view_of(session: AsyncSession, order: Order) -> OrderView:
    content = await session.get_one(OrderContent, order.content_id)
    lines = await lines_of(session, OrderLine, content.id)
    return OrderView.model_validate(
        {
            **content.model_dump(include={"discount_bp", "notes", "subtotal", "discount", "taxable", "tax"}),
            **order.model_dump(),
            "lines": [{**line.model_dump(), "quantity": quantity_of(line.quantity)} for line in lines],
            "backorder": order.stock is StockStage.WAITING,
        }
    )


ORDERS = Cases(
    CaseKind.ORDER,
    Order,
    at="/orders/{}",
    read_all=Permission.ORDERS_READ_ALL,
    shown=SHOWN_TO_CUSTOMERS,
    views=_views,
)
