"""What an order's steps do to the database besides moving its row: lines, stock, the invoice that is drawn up."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.cases.aggregate import Aggregate, Reading, Taking
from activities.cases.step import Step
from domain.cases import Ask, CaseKind
from domain.orders.rules import LineStatus, OrderStatus, StockStage
from domain.orders.state import OrderLineState, OrderState
from models.orders import Order, OrderContent, OrderLine, WebhookEndpoint
from stores.catalogue.popularity import count_sold
from stores.invoices.door import draw_up, due_at_of
from stores.orders.contents import require_not_ordered, wanted_of, whole_pieces
from stores.quotes.door import lock_accepted
from stores.sales import as_sold, lines_of
from stores.stock.claims import Cause, claim, release, ship, take_back


@dataclass(frozen=True, kw_only=True)
class OrderStep(Step[OrderState]):
    """`claims` says that the step claims what the order wants of the stock."""

    state: OrderState
    claims: bool = False


_BY_WEBHOOK = sa.exists().where(col(WebhookEndpoint.tenant_id) == col(Order.tenant_id)).label("by_webhook")


class Orders(Aggregate[Order, OrderState, OrderStep]):
    prefix, digits = "ORD", 5
    beside = (_BY_WEBHOOK,)
    born_with = (
        *("status", "customer_id", "requester_id", "quote_id", "currency", "locale", "payment_first"),
        *("stock", "invoice"),
    )

    def open_rows(self) -> sa.ColumnElement[bool]:
        return (col(Order.status) != OrderStatus.DELIVERED) & col(Order.unwound_at).is_(None)

    async def known(self, case: Reading[Order]) -> dict[str, Any]:
        session, row = case.session, case.row
        lines = await lines_of(session, OrderLine, row.content_id) if row.content_id else ()
        by_webhook = await session.scalar(sa.select(_BY_WEBHOOK).where(col(Order.id) == row.id))
        return _known(lines, by_webhook=bool(by_webhook))

    async def take(self, taking: Taking[Order, OrderStep]) -> None:
        session, step, values = taking.session, taking.step, taking.values
        content_id = values.get("content_id", taking.row.content_id)
        if "content_id" in values:
            values["total"] = (await session.get_one(OrderContent, content_id)).total
        if taking.opens:
            # One that nobody need look at is validated by its first step.
            values["status"] = step.state.status
        if taking.opens and (quote_id := taking.row.quote_id):
            await self._take_quote(session, quote_id, step.case_id)
        lines = await lines_of(session, OrderLine, content_id)
        cause = Cause(CaseKind.ORDER, step.case_id, step.actor.id, taking.reason)
        served = await self._move_lines(taking, {line.id: line for line in lines}, cause)
        if step.claims:
            values["stock"] = await self._claim(taking, lines, cause)
        if values.get("stock") is StockStage.RELEASED:
            served += await release(session, step.tenant_id, step.case_id, cause, step.at)
        if "invoice_id" in values:
            await self._draw_up(taking, await session.get_one(OrderContent, content_id), lines)
        if values.get("pay_by"):
            # Until the end of the day that the invoice names, whatever hour it was issued at.
            values["pay_by"] = await due_at_of(session, taking.row.invoice_id) or values["pay_by"]
        [by_webhook] = taking.beside
        taking.known = _known(lines, by_webhook=by_webhook)
        if served:
            taking.step = replace(
                step, asks=(*step.asks, *(Ask(CaseKind.ORDER, each, "stock_arrived", {}) for each in served))
            )

    async def _move_lines(
        self, taking: Taking[Order, OrderStep], rows: dict[UUID, OrderLine], cause: Cause
    ) -> list[UUID]:
        """Writes what the step makes of the lines. Goods of a fulfilled line leave the stock, and come back when it is
        undone: returns the orders whose wait for stock this ends."""
        session, step = taking.session, taking.step
        moved = [line for line in step.state.lines if line.id in rows and line != _state_of(rows[line.id])]
        shipped = [line.id for line in moved if line.status is LineStatus.FULFILLED]
        were = {line.id: rows[line.id].status for line in moved}
        back = [line.id for line in moved if line.status is LineStatus.UNDONE and were[line.id] is LineStatus.FULFILLED]
        for line in moved:
            row = rows[line.id]
            row.status, row.by_webhook, row.called = line.status, line.by_webhook, line.called
        if moved:
            taking.told["lines"] = [{"position": line.position, "status": line.status} for line in moved]
            await session.flush()
        await count_sold(session, step.tenant_id, _sold(rows, shipped, back))
        if shipped:
            await ship(session, step.tenant_id, step.case_id, shipped, cause, step.at)
        return list(await take_back(session, step.tenant_id, step.case_id, back, cause, step.at)) if back else []

    async def _take_quote(self, session: AsyncSession, quote_id: UUID, order_id: UUID) -> None:
        """Of a quote comes one order, of however many at once."""
        await lock_accepted(session, quote_id)
        await require_not_ordered(session, quote_id, order_id)

    async def _claim(self, taking: Taking[Order, OrderStep], lines: Sequence[OrderLine], cause: Cause) -> StockStage:
        waiting = await claim(taking.session, taking.step.tenant_id, wanted_of(lines), cause, taking.step.at)
        return StockStage.WAITING if waiting else StockStage.RESERVED

    async def _draw_up(
        self, taking: Taking[Order, OrderStep], content: OrderContent, lines: Sequence[OrderLine]
    ) -> None:
        order = taking.row
        await draw_up(
            taking.session,
            tenant_id=order.tenant_id,
            invoice_id=taking.values["invoice_id"],
            customer_id=order.customer_id,
            order_id=order.id,
            quote_id=order.quote_id,
            currency=order.currency,
            locale=order.locale,
            lines=as_sold(lines),
            discount_bp=content.discount_bp,
            due_days=taking.step.state.settings.pay_within_days if order.payment_first else None,
            at=taking.step.at,
            author_id=order.requester_id,
        )


def _sold(rows: dict[UUID, OrderLine], shipped: Collection[UUID], back: Collection[UUID]) -> Counter[UUID]:
    """How many pieces of each product have been sold by this, fewer than none when a sale was undone."""
    sold: Counter[UUID] = Counter()
    for line_id in (*shipped, *back):
        if product_id := rows[line_id].product_id:
            sold[product_id] += whole_pieces(rows[line_id].quantity) * (1 if line_id in shipped else -1)
    return sold


def _known(lines: Sequence[OrderLine], *, by_webhook: bool) -> dict[str, Any]:
    return {"lines": tuple(_state_of(line) for line in lines), "by_webhook": by_webhook}


def _state_of(line: OrderLine) -> OrderLineState:
    return OrderLineState(line.id, line.position, line.status, line.by_webhook, line.called)
