"""Orders: placing and reading them, and the commands that move them."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import AskingAnewDep, AskingDep, ask_about, create_once
from api.cases.reading import add_list, add_reading
from api.http.openapi import MAY_WAIT
from api.http.paging import PagingDep, order_of, page
from api.http.payloads import Page, ReasonBody
from api.http.problems import not_found
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.orders.contents import write_content
from api.orders.placing import edited, place
from api.orders.schemas import (
    CommentBody,
    CommentView,
    DeliverBody,
    OrderBody,
    OrderEditBody,
    OrderSummary,
    OrderView,
)
from api.orders.views import ORDERS
from domain.orders.rules import OrderStatus, require_cancellable
from domain.people.permissions import Permission
from models.orders import OrderComment, OrderDelivery

router = Router(prefix="/orders", tags=["orders"])

Service = Annotated[Services, Depends(services)]
Placer = Annotated[Caller, Depends(needs(Permission.ORDERS_PLACE))]
Worker = Annotated[Caller, Depends(needs(Permission.ORDERS_WORK))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=OrderView, dependencies=OPENING, responses=MAY_WAIT)
async def place_order(body: OrderBody, asked: AskingAnewDep, caller: Placer) -> Response:
    """Places an order; 409 `out_of_stock` for more than there is of a product that is not sold on backorder."""
    return await place(asked, caller, body)


add_list(router, ORDERS, Permission.ORDERS_READ, OrderSummary, OrderStatus)
add_reading(router, ORDERS, Permission.ORDERS_READ, OrderView, "order_id")


@router.patch("/{order_id}", response_model=OrderView)
async def edit_order(order_id: UUID, body: OrderEditBody, asked: AskingDep, caller: Placer) -> Response:
    """Changes what is ordered, at today's prices; 409 `order_not_request` once somebody has looked at it."""
    content_id = uuid7()

    async def content(session: AsyncSession) -> None:
        order = await ORDERS.find(session, caller, order_id)
        ordered, notes = await edited(session, caller, order, body)
        await write_content(session, caller.tenant_id, order_id, content_id, ordered, notes)

    return await ask_about(asked, caller, ORDERS, order_id, "edit", {"content_id": content_id}, check=content)


@router.post("/{order_id}/cancel", response_model=OrderView)
async def cancel_order(order_id: UUID, body: ReasonBody, asked: AskingDep, caller: Placer) -> Response:
    """Cancels an order and undoes what was done for it; customers can until it is being fulfilled."""
    by_customer = not caller.may(Permission.ORDERS_WORK)

    async def check(session: AsyncSession) -> None:
        order = await ORDERS.find_asked(session, caller, order_id)
        require_cancellable(order.status, by_customer=by_customer)

    arguments = {"by_customer": by_customer}
    return await ask_about(asked, caller, ORDERS, order_id, "cancel", arguments, check=check, reason=body.reason)


@router.post("/{order_id}/deliver", response_model=OrderView)
async def deliver_order(order_id: UUID, body: DeliverBody, asked: AskingDep, caller: Worker) -> Response:
    """Confirms that the customer has all of it; 409 `order_not_fulfilled` before every line is."""
    delivery_id = uuid7()

    async def keep(session: AsyncSession) -> None:
        session.add(
            OrderDelivery(
                id=delivery_id,
                tenant_id=caller.tenant_id,
                order_id=order_id,
                confirmed_by=caller.account_id,
                proof=body.proof,
            )
        )

    return await ask_about(asked, caller, ORDERS, order_id, "deliver", {"delivery_id": delivery_id}, check=keep)


@router.get("/{order_id}/comments")
async def list_order_comments(order_id: UUID, caller: Worker, service: Service, paging: PagingDep) -> Page[CommentView]:
    """What staff say to each other about an order, oldest first."""
    query = sa.select(OrderComment).where(
        col(OrderComment.tenant_id) == caller.tenant_id, col(OrderComment.order_id) == order_id
    )
    order = order_of("created_at", {"created_at": OrderComment.created_at}, OrderComment.id)
    async with service.database.transaction(caller.tenant_id) as session:
        await ORDERS.find(session, caller, order_id)
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[CommentView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{order_id}/comments/{comment_id}")
async def get_order_comment(order_id: UUID, comment_id: UUID, caller: Worker, service: Service) -> CommentView:
    """One comment."""
    async with service.database.transaction(caller.tenant_id) as session:
        await ORDERS.find(session, caller, order_id)
        comment = await session.get(OrderComment, comment_id)
        if comment is None or comment.order_id != order_id:
            raise not_found("comment")
        return CommentView.model_validate(comment)


@router.post("/{order_id}/comments", status_code=HTTPStatus.CREATED, response_model=CommentView)
async def write_order_comment(order_id: UUID, body: CommentBody, asked: AskingAnewDep, caller: Worker) -> Response:
    """Notes something about an order, for staff."""

    async def create(session: AsyncSession) -> UUID:
        await ORDERS.find(session, caller, order_id)
        comment = OrderComment(
            tenant_id=caller.tenant_id, order_id=order_id, author_id=caller.account_id, body=body.body
        )
        session.add(comment)
        await session.flush()
        return comment.id

    async def read(session: AsyncSession, comment_id: UUID) -> CommentView:
        return CommentView.model_validate(await session.get_one(OrderComment, comment_id))

    at = f"/orders/{order_id}/comments/{{}}"
    return await create_once(asked, caller, "orders.comment", create=create, at=at, read=read)
