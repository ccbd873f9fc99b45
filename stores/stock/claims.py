"""What cases do to stock, in the transaction of their own step: claim it for their lines, ship it, give it back.

Claims that do not fit wait, where the product allows it, and are served strictly in the order in which they came: the
first one that does not fit keeps later ones waiting. Whatever frees pieces says which cases have all that they waited
for through it; to tell those is for the caller.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.catalogue.products import ProductKind
from domain.refusal import Refusal
from domain.stock.rules import OPEN_CLAIMS, ClaimStatus, OutOfStock, counted, fitting
from models.catalogue import Product, ProductVariant
from models.stock import StockClaim
from stores.stock.ledger import Cause, Ledger, StockKey, level_of, stocks_for

__all__ = ["Cause", "Wanted", "claim", "receive", "release", "ship", "take_back", "waiting"]


@dataclass(frozen=True)
class Wanted:
    """What a line of a case wants, in whole pieces."""

    line_id: UUID
    product_id: UUID
    variant_id: UUID | None
    quantity: int


async def claim(
    session: AsyncSession, tenant_id: UUID, wanted: Sequence[Wanted], cause: Cause, at: datetime
) -> frozenset[UUID]:
    """Claims what the lines of the case that is the cause want; returns the lines that wait for stock.

    All of them or none: raises Refusal `out_of_stock` when there is too little of a product that nobody may wait for,
    `product_unknown`, and `claim_released` for a line that was given back before. Lines on the same stock count
    together. A line that is claimed already stays as it is; what has no stock, such as a service, claims nothing.
    """
    if cause.case_kind is None or cause.case_id is None:
        raise ValueError("only a case claims stock")
    case = (str(cause.case_kind), cause.case_id)
    known = await _claims_of(session, tenant_id, [line.line_id for line in wanted])
    if any(each.status is ClaimStatus.RELEASED for each in known.values()):
        raise Refusal("claim_released", "What was given back cannot be claimed again: ask for it with another line.")
    waits = {each.line_id for each in known.values() if each.status is ClaimStatus.WAITING}
    kept = await counted_lines(session, tenant_id, [line for line in wanted if line.line_id not in known])
    if not kept:
        return frozenset(waits)
    stocks = await stocks_for(session, tenant_id, {key for _, key, _ in kept})
    ledger = Ledger(session, tenant_id, cause, at)
    await ledger.lock(set(stocks.values()))
    together: defaultdict[UUID, list[Wanted]] = defaultdict(list)
    policies: dict[UUID, OutOfStock] = {}
    for line, key, policy in kept:
        together[stocks[key]].append(line)
        policies[stocks[key]] = policy
    placed = {
        stock_id: fitting(level_of(ledger.stocks[stock_id]), [line.quantity for line in lines], policies[stock_id])
        for stock_id, lines in together.items()
    }
    for stock_id, lines in together.items():
        for line, fits in zip(lines, placed[stock_id], strict=True):
            ledger.enter(case, line.line_id, stock_id, line.quantity, fits=fits)
            if not fits:
                waits.add(line.line_id)
    await session.flush()
    return frozenset(waits)


async def release(
    session: AsyncSession, tenant_id: UUID, case_id: UUID, cause: Cause, at: datetime
) -> tuple[UUID, ...]:
    """Gives back all claims of a case that are not shipped; returns the cases that were served what they waited for."""
    mine = (col(StockClaim.case_id) == case_id) & col(StockClaim.status).in_(OPEN_CLAIMS)
    return await _give_back(session, tenant_id, mine, Ledger(session, tenant_id, cause, at))


async def take_back(
    session: AsyncSession, tenant_id: UUID, case_id: UUID, line_ids: Collection[UUID], cause: Cause, at: datetime
) -> tuple[UUID, ...]:
    """Takes back into the house what was shipped for these lines, and their claims with it; returns the cases that
    were served what they waited for. Lines that were not shipped stay as they are."""
    mine = _lines(case_id, line_ids) & (col(StockClaim.status) == ClaimStatus.SHIPPED)
    return await _give_back(session, tenant_id, mine, Ledger(session, tenant_id, cause, at))


async def ship(
    session: AsyncSession, tenant_id: UUID, case_id: UUID, line_ids: Collection[UUID], cause: Cause, at: datetime
) -> None:
    """What is reserved for these lines leaves the house; what was shipped before, or has no stock, needs nothing.

    Raises Refusal: `stock_waiting` for a line that still waits, `claim_released` for one that was given back.
    """
    mine = _lines(case_id, line_ids)
    ledger = Ledger(session, tenant_id, cause, at)
    await ledger.lock(await _stocks_of(session, tenant_id, mine))
    claims = await ledger.lock_claims(mine)
    statuses = {each.status for each in claims}
    if ClaimStatus.WAITING in statuses:
        raise Refusal("stock_waiting", "Nothing is in stock yet for a line of this.")
    if ClaimStatus.RELEASED in statuses:
        raise Refusal("claim_released", "What was given back cannot be shipped.")
    for each in claims:
        if each.status is ClaimStatus.RESERVED:
            ledger.settle(each, ClaimStatus.SHIPPED)
    await session.flush()


async def receive(
    session: AsyncSession, tenant_id: UUID, stock_id: UUID, quantity: int, cause: Cause, at: datetime
) -> tuple[UUID, ...]:
    """Pieces come into the house, or are missing when it is counted (negative); returns the cases that were served
    what they waited for.

    Raises Refusal: `quantity_zero`, `stock_too_large`, `stock_reserved` when pieces would go that are promised.
    """
    ledger = Ledger(session, tenant_id, cause, at)
    await ledger.lock([stock_id])
    kind = counted(level_of(ledger.stocks[stock_id]), quantity)
    return await _serve(session, ledger, {stock_id: quantity}, lambda: ledger.move(stock_id, kind, abs(quantity)))


async def waiting(session: AsyncSession, tenant_id: UUID, case_id: UUID) -> frozenset[UUID]:
    """The lines of a case that wait for stock."""
    lines = await session.scalars(
        sa.select(col(StockClaim.line_id)).where(
            col(StockClaim.tenant_id) == tenant_id,
            col(StockClaim.case_id) == case_id,
            col(StockClaim.status) == ClaimStatus.WAITING,
        )
    )
    return frozenset(lines)


async def _give_back(
    session: AsyncSession, tenant_id: UUID, mine: sa.ColumnElement[bool], ledger: Ledger
) -> tuple[UUID, ...]:
    await ledger.lock(await _stocks_of(session, tenant_id, mine))
    if not ledger.stocks:
        return ()
    claims = (
        await session.scalars(
            sa.select(StockClaim)
            .where(col(StockClaim.tenant_id) == tenant_id, col(StockClaim.stock_id).in_(ledger.stocks), mine)
            .execution_options(populate_existing=True)
        )
    ).all()
    freed: defaultdict[UUID, int] = defaultdict(int)
    for each in claims:
        if each.status is not ClaimStatus.WAITING:
            freed[each.stock_id] += each.quantity

    def give_back() -> None:
        for each in claims:
            ledger.settle(each, ClaimStatus.RELEASED)

    return await _serve(session, ledger, freed, give_back, claims)


async def _serve(
    session: AsyncSession,
    ledger: Ledger,
    freed: dict[UUID, int],
    free: Callable[[], None],
    leaving: Sequence[StockClaim] = (),
) -> tuple[UUID, ...]:
    """Frees pieces and gives them to those who wait; returns the cases that now wait for nothing.

    All claims of those cases are locked: of two transactions that each serve the last but one of a case's claims, the
    second sees what the first has done, so one of them says that the case has everything.
    """
    gone = [each.id for each in leaving]
    chosen = await ledger.next_in_turn(freed, gone)
    cases = dict.fromkeys(each.case_id for each in chosen)
    touched = await ledger.lock_claims(col(StockClaim.id).in_(gone) | col(StockClaim.case_id).in_(list(cases)))
    free()
    for each in chosen:
        ledger.settle(each, ClaimStatus.RESERVED)
    await session.flush()
    still = {each.case_id for each in touched if each.status is ClaimStatus.WAITING}
    return tuple(case_id for case_id in cases if case_id not in still)


async def _claims_of(session: AsyncSession, tenant_id: UUID, line_ids: Collection[UUID]) -> dict[UUID, StockClaim]:
    found = await session.scalars(
        sa.select(StockClaim)
        .where(col(StockClaim.tenant_id) == tenant_id, col(StockClaim.line_id).in_(line_ids))
        .execution_options(populate_existing=True)
    )
    return {each.line_id: each for each in found}


async def counted_lines(
    session: AsyncSession, tenant_id: UUID, lines: Sequence[Wanted]
) -> list[tuple[Wanted, StockKey, OutOfStock]]:
    """The lines whose pieces are counted, with where, and what becomes of who wants more than there is."""
    found: sa.Result[Any] = await session.execute(
        sa.select(
            col(Product.id),
            ((col(Product.kind) == ProductKind.GOODS) & col(Product.stock_tracked)).label("counted"),
            col(Product.out_of_stock),
            col(ProductVariant.id).label("variant_id"),
            col(ProductVariant.own_stock),
        )
        .outerjoin(
            ProductVariant,
            (col(ProductVariant.product_id) == col(Product.id))
            & col(ProductVariant.id).in_({line.variant_id for line in lines if line.variant_id}),
        )
        .where(col(Product.tenant_id) == tenant_id, col(Product.id).in_({line.product_id for line in lines}))
    )
    products, variants = {}, {}
    for row in found:
        products[row.id] = row
        variants[row.id, row.variant_id] = row.own_stock
    kept = []
    for line in lines:
        product = products.get(line.product_id)
        if product is None or (line.variant_id and (line.product_id, line.variant_id) not in variants):
            raise Refusal("product_unknown", "There is no such product, or not in this variant.")
        if product.counted:
            apart = line.variant_id if line.variant_id and variants[line.product_id, line.variant_id] else None
            kept.append((line, (line.product_id, apart), product.out_of_stock))
    return kept


async def _stocks_of(session: AsyncSession, tenant_id: UUID, claims: sa.ColumnElement[bool]) -> list[UUID]:
    found = sa.select(col(StockClaim.stock_id)).where(col(StockClaim.tenant_id) == tenant_id, claims).distinct()
    return list(await session.scalars(found))


def _lines(case_id: UUID, line_ids: Collection[UUID]) -> sa.ColumnElement[bool]:
    return (col(StockClaim.case_id) == case_id) & col(StockClaim.line_id).in_(line_ids)
