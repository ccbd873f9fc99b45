"""What cases do to stock: claim, wait, ship, give back."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError, IntegrityError
from uuid_utils.compat import uuid7

from domain.catalogue.products import ProductKind
from domain.refusal import Refusal
from domain.stock.rules import ClaimStatus, MovementKind
from models.database import Database
from tests.stores.stock.shelf import Shelf, line, new_shelf

WAITING, RESERVED, SHIPPED, RELEASED = ClaimStatus


@pytest.fixture
async def shelf(database: Database) -> Shelf:
    return await new_shelf(database)


async def refusal_of(call: object) -> str:
    with pytest.raises(Refusal) as refused:
        await call  # type: ignore[misc]
    return refused.value.code


async def test_what_is_claimed_shipped_and_taken_back_adds_up(shelf: Shelf) -> None:
    chair, case = await shelf.product(5), uuid7()
    wanted = line(chair, 3)
    assert await shelf.claim(case, wanted) == frozenset()
    assert await shelf.level(chair) == (5, 3, 0)
    await shelf.ship(case, wanted.line_id)
    await shelf.ship(case, wanted.line_id)
    assert await shelf.level(chair) == (2, 0, 0)
    assert await shelf.release(case) == ()
    assert await shelf.level(chair) == (2, 0, 0)
    assert await shelf.take_back(case, wanted.line_id) == ()
    assert await shelf.take_back(case, wanted.line_id) == ()
    assert await shelf.level(chair) == (5, 0, 0)
    received, *others = await shelf.movements(chair)
    assert (received.kind, received.case_id, received.reason) == (MovementKind.RECEIVED, None, "count")
    assert [each.kind for each in others] == [MovementKind.RESERVED, MovementKind.SHIPPED, MovementKind.TAKEN_BACK]
    assert {(each.case_id, each.case_kind, each.line_id) for each in others} == {(case, "ticket", wanted.line_id)}
    assert await shelf.faults() == []


async def test_a_claim_is_made_once(shelf: Shelf) -> None:
    chair, case = await shelf.backordered(1), uuid7()
    first, second = line(chair), line(chair)
    for _ in range(2):
        assert await shelf.claim(case, first, second) == {second.line_id}
    assert await shelf.level(chair) == (1, 1, 1)
    await shelf.release(case)
    assert await refusal_of(shelf.claim(case, first)) == "claim_released"
    assert await refusal_of(shelf.ship(case, first.line_id)) == "claim_released"
    assert await shelf.faults() == []


async def test_lines_on_one_stock_count_together(shelf: Shelf) -> None:
    chair = await shelf.product(3)
    sharing = await shelf.variant(chair, own_stock=False)
    assert await refusal_of(shelf.claim(uuid7(), line(chair, 2), line(chair, 2, sharing))) == "out_of_stock"
    assert await shelf.level(chair) == (3, 0, 0)
    assert await shelf.claim(uuid7(), line(chair, 2), line(chair, 1, sharing)) == frozenset()
    assert await shelf.level(chair) == (3, 3, 0)


async def test_a_variant_may_have_a_stock_of_its_own(shelf: Shelf) -> None:
    chair = await shelf.product(1)
    red = await shelf.variant(chair, own_stock=True)
    await shelf.receive(chair, 1, red)
    await shelf.claim(uuid7(), line(chair, 1), line(chair, 1, red))
    assert await refusal_of(shelf.claim(uuid7(), line(chair, 1, red))) == "out_of_stock"
    assert (await shelf.level(chair), await shelf.level(chair, red)) == ((1, 1, 0), (1, 1, 0))
    other = await shelf.product(5)
    assert await refusal_of(shelf.claim(uuid7(), line(other, 1, red))) == "product_unknown"
    assert await refusal_of(shelf.claim(uuid7(), line(uuid7()))) == "product_unknown"


async def test_nothing_is_claimed_when_one_product_is_missing(shelf: Shelf) -> None:
    chair, table = await shelf.product(5), await shelf.product(1)
    assert await refusal_of(shelf.claim(uuid7(), line(chair), line(table, 2))) == "out_of_stock"
    assert await shelf.level(chair) == (5, 0, 0)


async def test_what_has_no_stock_claims_nothing(shelf: Shelf) -> None:
    hour = await shelf.product(kind=ProductKind.SERVICE, stock_tracked=False)
    sand = await shelf.product(stock_tracked=False)
    case, lines = uuid7(), [line(hour, 9), line(sand, 9)]
    assert await shelf.claim(case, *lines) == frozenset()
    await shelf.ship(case, *(each.line_id for each in lines))
    assert await shelf.statuses(*(each.line_id for each in lines)) == [None, None]


async def test_who_waits_is_served_in_order(shelf: Shelf) -> None:
    chair = await shelf.backordered()
    cases = [uuid7() for _ in range(3)]
    lines = [line(chair, quantity) for quantity in (2, 3, 1)]
    for case, wanted in zip(cases, lines, strict=True):
        assert await shelf.claim(case, wanted) == {wanted.line_id}
    # The second keeps the third waiting, although there would be enough for it.
    assert await shelf.receive(chair, 3) == (cases[0],)
    assert await shelf.statuses(*(each.line_id for each in lines)) == [RESERVED, WAITING, WAITING]
    # Who comes new does not overtake them.
    late = line(chair)
    assert await shelf.claim(uuid7(), late) == {late.line_id}
    assert await refusal_of(shelf.ship(cases[1], lines[1].line_id)) == "stock_waiting"
    assert await shelf.receive(chair, 3) == tuple(cases[1:])
    assert await shelf.waiting(cases[2]) == frozenset()
    assert await shelf.statuses(late.line_id) == [WAITING]
    assert await shelf.faults() == []


async def test_who_gives_up_waiting_lets_others_pass(shelf: Shelf) -> None:
    chair, table = await shelf.backordered(1), await shelf.backordered()
    greedy, modest, both = uuid7(), uuid7(), uuid7()
    await shelf.claim(greedy, line(chair, 5))
    await shelf.claim(modest, line(chair, 1))
    missing = line(table)
    await shelf.claim(both, line(chair, 1), missing)
    assert await shelf.release(greedy) == (modest,)
    # Served with one line, it still waits for the other.
    assert await shelf.release(modest) == ()
    assert await shelf.waiting(both) == {missing.line_id}
    assert await shelf.receive(table, 1) == (both,)
    assert await shelf.faults() == []


async def test_what_comes_back_goes_to_who_waits(shelf: Shelf) -> None:
    chair, first, second = await shelf.backordered(1), uuid7(), uuid7()
    shipped = line(chair)
    await shelf.claim(first, shipped)
    await shelf.ship(first, shipped.line_id)
    await shelf.claim(second, line(chair))
    assert await shelf.take_back(first, shipped.line_id) == (second,)
    assert await shelf.level(chair) == (1, 1, 0)
    assert (await shelf.movements(chair))[-1].case_id == first


async def test_what_is_promised_is_not_counted_away(shelf: Shelf) -> None:
    chair = await shelf.product(5)
    await shelf.claim(uuid7(), line(chair, 3))
    assert await refusal_of(shelf.receive(chair, -3)) == "stock_reserved"
    assert await refusal_of(shelf.receive(chair, 0)) == "quantity_zero"
    assert await refusal_of(shelf.receive(chair, 10**9)) == "stock_too_large"
    assert await shelf.receive(chair, -2) == ()
    assert (await shelf.movements(chair))[-1].kind is MovementKind.CORRECTED
    assert await shelf.level(chair) == (3, 3, 0)


async def buy(shelf: Shelf, *products: UUID) -> str:
    try:
        await shelf.claim(uuid7(), *(line(product) for product in products))
    except Refusal as refused:
        return refused.code
    return "reserved"


async def test_two_hundred_want_one_of_fifty(shelf: Shelf) -> None:
    chair = await shelf.product(50)
    outcomes = Counter(await asyncio.gather(*(buy(shelf, chair) for _ in range(200))))
    assert outcomes == {"reserved": 50, "out_of_stock": 150}
    assert await shelf.level(chair) == (50, 50, 0)
    assert await shelf.faults() == []


async def test_who_wants_the_same_the_other_way_round_is_not_in_the_way(shelf: Shelf) -> None:
    chair, table = await shelf.product(10), await shelf.product(10)
    orders = ((chair, table), (table, chair))
    outcomes = Counter(await asyncio.gather(*(buy(shelf, *orders[number % 2]) for number in range(30))))
    assert outcomes == {"reserved": 10, "out_of_stock": 20}
    assert [await shelf.level(product) for product in (chair, table)] == [(10, 10, 0)] * 2


async def test_of_two_who_bring_the_last_pieces_one_says_that_all_is_there(shelf: Shelf) -> None:
    chair, table, cases = await shelf.backordered(), await shelf.backordered(), [uuid7() for _ in range(20)]
    for case in cases:
        await shelf.claim(case, line(chair), line(table))
    served = await asyncio.gather(*(shelf.receive(product, 1) for _ in cases for product in (chair, table)))
    assert sorted(case for each in served for case in each) == sorted(cases)
    assert await shelf.faults() == []


async def test_undoing_at_once_keeps_everybody_going(shelf: Shelf) -> None:
    chair, table = await shelf.backordered(5), await shelf.backordered(5)
    cases = [uuid7() for _ in range(20)]
    for case in cases:
        await shelf.claim(case, line(chair), line(table))
    await asyncio.gather(*(shelf.release(case) for case in cases))
    for product in (chair, table):
        assert await shelf.level(product) == (5, 0, 0)
    assert await shelf.faults() == []


@pytest.mark.parametrize(
    "change", ["reserved = -1", "on_hand = reserved - 1", "waiting = -1", "on_hand = -1"], ids=lambda change: change
)
async def test_the_database_refuses_what_cannot_be(shelf: Shelf, change: str) -> None:
    chair = await shelf.product(1)
    stock_id = await shelf.stock_id(chair)
    with pytest.raises(IntegrityError):
        await execute(shelf, f"UPDATE stock SET {change} WHERE id = '{stock_id}'")


@pytest.mark.parametrize(
    ("statement", "why"),
    [
        ("UPDATE stock_movement SET reason = 'another'", "permission denied"),
        ("DELETE FROM stock_movement", "permission denied"),
        ("DELETE FROM stock_claim", "permission denied"),
        ("DELETE FROM stock", "violates foreign key constraint"),
    ],
)
async def test_what_has_happened_stays(shelf: Shelf, statement: str, why: str) -> None:
    await shelf.product(1)
    with pytest.raises(DBAPIError, match=why):
        await execute(shelf, statement)


async def test_another_tenants_stock_is_out_of_reach(shelf: Shelf, database: Database) -> None:
    chair = await shelf.product(1)
    stranger = await new_shelf(database)
    assert await refusal_of(stranger.claim(uuid7(), line(chair))) == "product_unknown"
    assert await shelf.level(chair) == (1, 0, 0)


async def execute(shelf: Shelf, statement: str) -> None:
    async with shelf.database.transaction(shelf.tenant_id) as session:
        await session.execute(sa.text(statement))
