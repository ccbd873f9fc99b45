"""Stocks while a transaction works on them: locked, moved, and written down.

Locks are always taken in the same order, so that no two transactions wait for each other: first all stocks that will
be touched, by id, then, in one statement, all claims, by id. While its stock is locked no claim on it changes, so what
will happen is decided before the claims are locked.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import CaseKind
from domain.stock.rules import PIECE, ClaimStatus, Level, MovementKind, served
from models.stock import Stock, StockClaim, StockMovement

StockKey = tuple[UUID, UUID | None]
"""A product, and the variant whose pieces are kept apart."""


@dataclass(frozen=True)
class Cause:
    """What moves a stock: which case, or none when somebody counts; who, and why."""

    case_kind: CaseKind | str | None
    case_id: UUID | None
    actor_id: UUID | None
    reason: str | None


class Ledger:
    """The stocks that this transaction has locked; everything that it does to them has this cause and this time."""

    def __init__(self, session: AsyncSession, tenant_id: UUID, cause: Cause, at: datetime) -> None:
        self._session = session
        self._tenant_id = tenant_id
        self._cause = cause
        self._at = at
        self.stocks: dict[UUID, Stock] = {}

    async def lock(self, stock_ids: Collection[UUID]) -> None:
        """Locks the stocks. To be called once, before anything else is locked."""
        found = await self._session.scalars(
            sa.select(Stock)
            .where(col(Stock.tenant_id) == self._tenant_id, col(Stock.id).in_(stock_ids))
            .order_by(col(Stock.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        self.stocks = {stock.id: stock for stock in found}

    async def lock_claims(self, claims: sa.ColumnElement[bool]) -> Sequence[StockClaim]:
        """Locks these claims, and reads them as they are then. To be called once, after the stocks are locked."""
        found = await self._session.scalars(
            sa.select(StockClaim)
            .where(col(StockClaim.tenant_id) == self._tenant_id, claims)
            .order_by(col(StockClaim.id))
            .with_for_update(key_share=True)
            .execution_options(populate_existing=True)
        )
        return found.all()

    def enter(self, case: tuple[str, UUID], line_id: UUID, stock_id: UUID, quantity: int, *, fits: bool) -> None:
        """Writes a new claim, which is served at once when it fits."""
        stock = self.stocks[stock_id]
        stock.claims += 1
        claim = StockClaim(
            id=uuid7(),
            tenant_id=self._tenant_id,
            stock_id=stock_id,
            case_kind=case[0],
            case_id=case[1],
            line_id=line_id,
            turn=stock.claims,
            quantity=quantity,
            status=ClaimStatus.WAITING,
            claimed_at=self._at,
        )
        stock.waiting += quantity
        self._session.add(claim)
        if fits:
            self.settle(claim, ClaimStatus.RESERVED)

    def settle(self, claim: StockClaim, status: ClaimStatus) -> None:
        """Brings a claim to another status, and its pieces to where they then are."""
        stock, before = self.stocks[claim.stock_id], claim.status
        claim.status = status
        if before is ClaimStatus.WAITING:
            stock.waiting -= claim.quantity
        if kind := _MOVES.get((before, status)):
            self.move(claim.stock_id, kind, claim.quantity, claim.line_id)

    def move(self, stock_id: UUID, kind: MovementKind, pieces: int, line_id: UUID | None = None) -> None:
        """Moves pieces, and writes it down."""
        stock, (on_hand, reserved) = self.stocks[stock_id], PIECE[kind]
        stock.movements += 1
        stock.on_hand += on_hand * pieces
        stock.reserved += reserved * pieces
        self._session.add(
            StockMovement(
                id=uuid7(),
                tenant_id=self._tenant_id,
                stock_id=stock_id,
                place=stock.movements,
                kind=kind,
                on_hand_change=on_hand * pieces,
                reserved_change=reserved * pieces,
                line_id=line_id,
                case_kind=str(self._cause.case_kind) if self._cause.case_kind else None,
                case_id=self._cause.case_id,
                actor_id=self._cause.actor_id,
                reason=self._cause.reason,
                at=self._at,
            )
        )

    async def next_in_turn(self, more: dict[UUID, int], leaving: Collection[UUID]) -> list[StockClaim]:
        """The waiting claims that are served once so many `more` pieces of each stock are available, and the claims of
        `leaving` do not wait any more."""
        chosen: list[StockClaim] = []
        for stock_id, stock in sorted(self.stocks.items()):
            available = level_of(stock).available + more.get(stock_id, 0)
            if available <= 0 or not stock.waiting:
                continue
            queue = (
                await self._session.scalars(
                    sa.select(StockClaim)
                    .where(
                        col(StockClaim.tenant_id) == self._tenant_id,
                        col(StockClaim.stock_id) == stock_id,
                        col(StockClaim.status) == ClaimStatus.WAITING,
                        col(StockClaim.id).not_in(leaving),
                    )
                    .order_by(col(StockClaim.turn))
                    .limit(available)
                    .execution_options(populate_existing=True)
                )
            ).all()
            chosen += queue[: served(available, [claim.quantity for claim in queue])]
        return chosen


_MOVES = {
    (ClaimStatus.WAITING, ClaimStatus.RESERVED): MovementKind.RESERVED,
    (ClaimStatus.RESERVED, ClaimStatus.RELEASED): MovementKind.RELEASED,
    (ClaimStatus.RESERVED, ClaimStatus.SHIPPED): MovementKind.SHIPPED,
    (ClaimStatus.SHIPPED, ClaimStatus.RELEASED): MovementKind.TAKEN_BACK,
}
"""What moves when a claim goes from one status to the other; a waiting claim that is given up moves nothing."""


def level_of(stock: Stock) -> Level:
    """The stock's figures."""
    return Level(stock.on_hand, stock.reserved, stock.waiting)


async def stocks_for(session: AsyncSession, tenant_id: UUID, keys: Iterable[StockKey]) -> dict[StockKey, UUID]:
    """The ids of these stocks; those that are not there yet are made, empty."""
    wanted = set(keys)
    found = await _known(session, tenant_id, wanted)
    # In one order, so that two who make the same ones do not wait for each other.
    for product_id, variant_id in sorted(wanted - found.keys(), key=str):
        await session.execute(
            insert(Stock)
            .values(id=uuid7(), tenant_id=tenant_id, product_id=product_id, variant_id=variant_id)
            .on_conflict_do_nothing(index_elements=["tenant_id", "product_id", "variant_id"])
        )
    return found if len(found) == len(wanted) else await _known(session, tenant_id, wanted)


async def _known(session: AsyncSession, tenant_id: UUID, keys: set[StockKey]) -> dict[StockKey, UUID]:
    found = await session.execute(
        sa.select(col(Stock.product_id), col(Stock.variant_id), col(Stock.id)).where(
            col(Stock.tenant_id) == tenant_id, col(Stock.product_id).in_({product_id for product_id, _ in keys})
        )
    )
    return {(row.product_id, row.variant_id): row.id for row in found if (row.product_id, row.variant_id) in keys}
