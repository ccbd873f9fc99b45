"""Correlation ids that clients send travel as far as the engine, so none may hold a name."""

from uuid import UUID, uuid4

import pytest

from tests.api.house import Company, House


@pytest.mark.parametrize(
    "given", ["nadia@people.example", "Nadia Newcomer", "+213555123456", "x" * 5000, "trace-me-42"]
)
async def test_what_is_no_uuid_is_taken_as_a_digest(house: House, company: Company, given: str) -> None:
    visitor = house.visitor()
    taken = [
        (await visitor.get("/me", headers={"X-Correlation-Id": sent})).headers["x-correlation-id"]
        for sent in (given, given, f"{given}!")
    ]
    assert taken[0] == taken[1] != taken[2]
    assert given not in taken[0]
    assert UUID(taken[0]).hex == taken[0]


async def test_a_uuid_is_taken_as_it_is(house: House, company: Company) -> None:
    ident = str(uuid4())
    answer = await company.admin.http.post("/categories", json={"name": ident}, headers={"X-Correlation-Id": ident})
    assert answer.headers["x-correlation-id"] == ident
    [entry] = [
        one for one in (await company.admin.http.get("/audit")).json()["items"] if one["correlation_id"] == ident
    ]
    assert entry["action"] == "category.created"


async def test_who_sends_none_is_given_one(house: House) -> None:
    given = [(await house.visitor().get("/me")).headers["x-correlation-id"] for _ in range(2)]
    assert given[0] != given[1]
    assert all(UUID(ident) for ident in given)
