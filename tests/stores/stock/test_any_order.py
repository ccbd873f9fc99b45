"""Whatever is done to stock, in whatever order, goes as a simple model says."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from uuid_utils.compat import uuid7

from domain.refusal import Refusal
from domain.stock.rules import ClaimStatus
from models.database import Database
from ops.embedded.postgres import Postgres
from stores.stock.claims import Wanted
from tests.stores.stock.shelf import Shelf, line, new_shelf

WAITING, RESERVED, SHIPPED, RELEASED = ClaimStatus
PRODUCTS = 2
CASES = 4
T = TypeVar("T")


@dataclass
class Model:
    """What should be: pieces on hand of each product, and claims in the order in which they came."""

    on_hand: list[int] = field(default_factory=lambda: [0] * PRODUCTS)
    claims: list[list[Any]] = field(default_factory=list)

    def pieces(self, product: int, status: ClaimStatus) -> int:
        return sum(quantity for _, of, quantity, now in self.claims if of == product and now is status)

    def available(self, product: int) -> int:
        return self.on_hand[product] - self.pieces(product, RESERVED)

    def waiting_cases(self) -> set[int]:
        return {case for case, _, _, status in self.claims if status is WAITING}

    def serve(self) -> set[int]:
        """The cases that wait for nothing any more."""
        before = self.waiting_cases()
        served = set()
        for product in range(PRODUCTS):
            for claim in self.claims:
                if claim[1] == product and claim[3] is WAITING:
                    if claim[2] > self.available(product):
                        break
                    claim[3] = RESERVED
                    served.add(claim[0])
        return (before & served) - self.waiting_cases()


class Machine(RuleBasedStateMachine):
    """One tenant's two products, the first of which nobody may wait for."""

    shelf: Shelf
    loop: asyncio.AbstractEventLoop

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.loop.run_until_complete(work)

    @initialize()
    def open(self) -> None:
        self.products = [self.run(self.shelf.product()), self.run(self.shelf.backordered())]
        self.cases: list[UUID] = [uuid7() for _ in range(CASES)]
        self.lines: list[Wanted] = []
        self.model = Model()

    @rule(
        case=st.integers(0, CASES - 1),
        wanted=st.lists(st.tuples(st.integers(0, PRODUCTS - 1), st.integers(1, 4)), min_size=1, max_size=3),
    )
    def claim(self, case: int, wanted: list[tuple[int, int]]) -> None:
        lines = [line(self.products[product], quantity) for product, quantity in wanted]
        strict = sum(quantity for product, quantity in wanted if product == 0)
        if strict > self.model.available(0):
            with pytest.raises(Refusal, match="are wanted"):
                self.run(self.shelf.claim(self.cases[case], *lines))
            return
        waits = self.run(self.shelf.claim(self.cases[case], *lines))
        for asked, (product, quantity) in zip(lines, wanted, strict=True):
            fits = not self.model.pieces(product, WAITING) and quantity <= self.model.available(product)
            self.model.claims.append([case, product, quantity, RESERVED if fits else WAITING])
            self.lines.append(asked)
            assert (asked.line_id in waits) is not fits

    @rule(product=st.integers(0, PRODUCTS - 1), quantity=st.integers(-4, 6).filter(bool))
    def receive(self, product: int, quantity: int) -> None:
        if self.model.available(product) + quantity < 0:
            with pytest.raises(Refusal, match="promised"):
                self.run(self.shelf.receive(self.products[product], quantity))
            return
        served = self.run(self.shelf.receive(self.products[product], quantity))
        self.model.on_hand[product] += quantity
        assert set(served) == self.ids(self.model.serve())

    @rule(case=st.integers(0, CASES - 1))
    def release(self, case: int) -> None:
        served = self.run(self.shelf.release(self.cases[case]))
        for claim in self.model.claims:
            if claim[0] == case and claim[3] in (WAITING, RESERVED):
                claim[3] = RELEASED
        assert set(served) == self.ids(self.model.serve())

    @rule(case=st.integers(0, CASES - 1))
    def ship(self, case: int) -> None:
        chosen = [place for place, claim in enumerate(self.model.claims) if claim[0] == case and claim[3] is RESERVED]
        self.run(self.shelf.ship(self.cases[case], *(self.lines[place].line_id for place in chosen)))
        for place in chosen:
            self.model.claims[place][3] = SHIPPED
            self.model.on_hand[self.model.claims[place][1]] -= self.model.claims[place][2]

    @rule(case=st.integers(0, CASES - 1))
    def take_back(self, case: int) -> None:
        mine = [place for place, claim in enumerate(self.model.claims) if claim[0] == case]
        served = self.run(self.shelf.take_back(self.cases[case], *(self.lines[place].line_id for place in mine)))
        for claim in self.model.claims:
            if claim[0] == case and claim[3] is SHIPPED:
                claim[3] = RELEASED
                self.model.on_hand[claim[1]] += claim[2]
        assert set(served) == self.ids(self.model.serve())

    @invariant()
    def goes_as_the_model_says(self) -> None:
        levels, statuses = self.run(self.shelf.state(self.products, [asked.line_id for asked in self.lines]))
        model = self.model
        assert levels == [
            (model.on_hand[product], model.pieces(product, RESERVED), model.pieces(product, WAITING))
            for product in range(PRODUCTS)
        ]
        assert statuses == [claim[3] for claim in model.claims]

    def teardown(self) -> None:
        assert self.run(self.shelf.faults()) == []

    def ids(self, cases: set[int]) -> set[UUID]:
        return {self.cases[case] for case in cases}


@pytest.fixture
def machine(migrated_postgres: Postgres) -> Iterator[type[Machine]]:
    """The machine in an event loop of its own, because its steps are plain functions."""
    with asyncio.Runner() as runner:
        database = Database(migrated_postgres.app_url, pool_size=1)
        shelf = runner.run(new_shelf(database))
        yield type("OnThisShelf", (Machine,), {"shelf": shelf, "loop": runner.get_loop()})
        runner.run(database.close())


def test_whatever_happens_goes_as_the_model_says(machine: type[Machine]) -> None:
    run_state_machine_as_test(machine, settings=settings(max_examples=20, stateful_step_count=15, deadline=None))
