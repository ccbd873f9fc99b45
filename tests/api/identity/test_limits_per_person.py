"""How often one person may ask, from however many addresses."""

from collections.abc import Awaitable, Callable

import httpx2
import pytest
import sqlalchemy as sa

from runtime.settings import Settings
from tests.api.house import PASSWORD, Company, House, Person, code_of

Ask = Callable[[House, Person, str], Awaitable[httpx2.Response]]


async def refresh(house: House, person: Person, _: str) -> httpx2.Response:
    return await house.visitor().post("/auth/refresh", json={"refresh_token": person.tokens["refresh_token"]})


async def use_a_mailed_token(house: House, _: Person, token: str) -> httpx2.Response:
    return await house.visitor().post("/auth/password/reset", json={"token": token, "password": "weak"})


async def upload(house: House, person: Person, _: str) -> httpx2.Response:
    return await elsewhere(house, person).post("/files", files={"file": ("note.txt", b"Hello", "text/plain")})


async def open_a_ticket(house: House, person: Person, _: str) -> httpx2.Response:
    return await elsewhere(house, person).post("/tickets", json={"subject": "s"})


async def write_a_quote(house: House, person: Person, _: str) -> httpx2.Response:
    return await elsewhere(house, person).post("/quotes", json={"lines": []})


async def ask_for_a_quote(house: House, person: Person, _: str) -> httpx2.Response:
    return await elsewhere(house, person).post("/quote-requests", json={"description": ""})


def elsewhere(house: House, person: Person) -> httpx2.AsyncClient:
    """The person at another address."""
    visitor = house.visitor()
    visitor.headers["Authorization"] = person.http.headers["Authorization"]
    return visitor


@pytest.mark.parametrize(
    ("setting", "ask"),
    [
        ("refresh_per_minute", refresh),
        ("new_password_per_hour", use_a_mailed_token),
        ("upload_per_minute", upload),
        ("open_case_per_minute", open_a_ticket),
        ("open_case_per_minute", write_a_quote),
        ("open_case_per_minute", ask_for_a_quote),
    ],
)
async def test_one_person_asks_so_often_and_others_as_often_again(
    house: House, company: Company, monkeypatch: pytest.MonkeyPatch, setting: str, ask: Ask
) -> None:
    people = [await company.member("admin") for _ in range(2)]
    async with house.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM rate_bucket"))
    monkeypatch.setattr(house.services.settings, setting, 3)
    for person in people:
        assert (await house.visitor().post("/auth/password/reset-request", json={"email": person.email})).is_success
        token = await house.token_for(person.email)

        answers = [await ask(house, person, token) for _ in range(4)]

        assert 429 not in {answer.status_code for answer in answers[:3]}
        assert (answers[3].status_code, code_of(answers[3])) == (429, "rate_limited")
        assert int(answers[3].headers["Retry-After"]) > 0


async def test_who_is_not_known_uses_up_nobodys_turn(house: House, company: Company) -> None:
    for _ in range(12):
        refused = await house.visitor().post("/auth/refresh", json={"refresh_token": "nonsense"})
        assert refused.status_code == 401
        refused = await house.visitor().post("/auth/password/reset", json={"token": "nonsense", "password": PASSWORD})
        assert refused.status_code == 422
        assert (await house.visitor().post("/files")).status_code == 401


def test_the_embedded_stack_lets_more_through() -> None:
    ours, theirs = Settings(embedded=True, _env_file=None), Settings(embedded=False, _env_file=None)
    for name in ("refresh_per_minute", "new_password_per_hour", "upload_per_minute", "open_case_per_minute"):
        assert getattr(ours, name) > getattr(theirs, name)
