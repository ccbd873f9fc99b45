"""Recomputes all stock of a tenant from its movements and claims, and names whatever does not agree."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncScalarResult, AsyncSession
from sqlmodel import col

from domain.stock.rules import PIECE, ClaimStatus
from models.catalogue import Product
from models.stock import Stock, StockClaim, StockMovement

ROWS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Fault:
    """Something that is not what it should be: of which stock, by the SKU of its product, and what."""

    stock_id: UUID
    sku: str
    sentence: str


@dataclass
class _Sum:
    """What the movements of a stock, or of a line, have added up to so far."""

    place: int = 0
    on_hand: int = 0
    reserved: int = 0

    def add(self, movement: StockMovement) -> None:
        self.place = movement.place
        self.on_hand += movement.on_hand_change
        self.reserved += movement.reserved_change


async def check(session: AsyncSession) -> list[Fault]:
    """The faults of the session's tenant, by SKU; none when all agrees.

    To be read from one snapshot, the session's transaction must be REPEATABLE READ.
    """
    stocks = {
        stock.id: (stock, sku)
        for stock, sku in await session.execute(
            sa.select(Stock, col(Product.sku)).join(Product, col(Product.id) == col(Stock.product_id))
        )
    }
    claims: defaultdict[UUID, list[StockClaim]] = defaultdict(list)
    async for claim in await _rows(session, StockClaim, StockClaim.turn):
        claims[claim.stock_id].append(claim)
    sums: defaultdict[UUID, _Sum] = defaultdict(_Sum)
    moved: defaultdict[UUID, dict[UUID, _Sum]] = defaultdict(dict)
    told: defaultdict[UUID, list[str]] = defaultdict(list)
    async for movement in await _rows(session, StockMovement, StockMovement.place):
        told[movement.stock_id] += _follow(sums[movement.stock_id], movement)
        if movement.line_id:
            moved[movement.stock_id].setdefault(movement.line_id, _Sum()).add(movement)
    faults = []
    for stock_id, (stock, sku) in sorted(stocks.items(), key=lambda entry: (entry[1][1], entry[0])):
        sentences = [
            *told[stock_id],
            *_totals(stock, sums[stock_id]),
            *_of_claims(stock, claims[stock_id], moved[stock_id]),
        ]
        faults += [Fault(stock_id, sku, sentence) for sentence in sentences]
    return faults


def _follow(sum_: _Sum, movement: StockMovement) -> Iterator[str]:
    name = f"movement {movement.place} ({movement.kind})"
    if movement.place != sum_.place + 1:
        yield f"movement {sum_.place + 1} is missing before {name}"
    on_hand, reserved = PIECE[movement.kind]
    pieces = movement.on_hand_change * on_hand or movement.reserved_change * reserved
    if pieces <= 0 or (movement.on_hand_change, movement.reserved_change) != (on_hand * pieces, reserved * pieces):
        yield f"{name} changes what such a movement cannot"
    sum_.add(movement)
    if sum_.reserved < 0 or sum_.on_hand < sum_.reserved:
        yield f"after {name} {sum_.on_hand} were on hand and {sum_.reserved} reserved"


def _totals(stock: Stock, sum_: _Sum) -> Iterator[str]:
    if stock.movements != sum_.place:
        yield f"{stock.movements} movements are counted, and the last one there is {sum_.place}"
    if stock.on_hand != sum_.on_hand:
        yield f"{stock.on_hand} are on hand, and the movements add up to {sum_.on_hand}"
    if stock.reserved != sum_.reserved:
        yield f"{stock.reserved} are reserved, and the movements add up to {sum_.reserved}"


_MOVED = {
    ClaimStatus.WAITING: (0, 0),
    ClaimStatus.RESERVED: (0, 1),
    ClaimStatus.SHIPPED: (-1, 0),
    ClaimStatus.RELEASED: (0, 0),
}
"""What the movements of one piece of a claim have added up to, by the claim's status."""


def _of_claims(stock: Stock, claims: list[StockClaim], moved: dict[UUID, _Sum]) -> Iterator[str]:
    if [claim.turn for claim in claims] != list(range(1, stock.claims + 1)):
        yield f"{stock.claims} claims are counted, and there are {len(claims)}, or not in one row"
    waiting = sum(claim.quantity for claim in claims if claim.status is ClaimStatus.WAITING)
    if stock.waiting != waiting:
        yield f"{stock.waiting} are waited for, and the claims add up to {waiting}"
    for claim in claims:
        on_hand, reserved = _MOVED[claim.status]
        sum_ = moved.get(claim.line_id, _Sum())
        if (sum_.on_hand, sum_.reserved) != (on_hand * claim.quantity, reserved * claim.quantity):
            yield f"the claim of line {claim.line_id} is {claim.status}, and its movements say otherwise"
    for line_id in moved.keys() - {claim.line_id for claim in claims}:
        yield f"line {line_id} was moved without a claim"


async def _rows(session: AsyncSession, model: type[StockClaim | StockMovement], order: Any) -> AsyncScalarResult[Any]:
    query = sa.select(model).order_by(col(model.stock_id), col(order)).execution_options(yield_per=ROWS_AT_ONCE)
    return await session.stream_scalars(query)
