"""Whether an address has an account cannot be told from the time of an answer: in both cases the same statements are
run, and as many passwords are hashed."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx2
import pytest
import sqlalchemy as sa

from api.identity import hashes as passwords
from stores.mail.senders import find_sender, with_customer
from tests.api.house import PASSWORD, Company, House

Ask = Callable[[House, Company, str], Awaitable[httpx2.Response]]


class Work:
    """The work of a request: its statements in their order, and the hashes that it made or compared."""

    def __init__(self) -> None:
        self.statements: list[str] = []
        self.hashes = 0


@asynccontextmanager
async def watched(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Work]:
    work = Work()
    engine = house.services.database.engine.sync_engine
    verify, make = passwords._hasher.verify_and_update, passwords._hasher.hash
    # Made once for each process, for the first address that nobody has.
    passwords._nobody()

    def execute(*arguments: Any) -> None:
        # What is written and rolled back takes as long as what is kept.
        work.statements.append(arguments[2].replace("ROLLBACK TO", "RELEASE"))

    def counted(hashing: Callable[..., Any]) -> Callable[..., Any]:
        def hash_and_count(*arguments: Any) -> Any:
            work.hashes += 1
            return hashing(*arguments)

        return hash_and_count

    with monkeypatch.context() as patch:
        patch.setattr(passwords._hasher, "verify_and_update", counted(verify))
        patch.setattr(passwords._hasher, "hash", counted(make))
        sa.event.listen(engine, "before_cursor_execute", execute)
        try:
            yield work
        finally:
            sa.event.remove(engine, "before_cursor_execute", execute)


async def log_in(house: House, company: Company, email: str) -> httpx2.Response:
    return await house.visitor().post("/auth/login", json={"email": email, "password": "Wrong-password-1"})


async def log_in_there(house: House, company: Company, email: str) -> httpx2.Response:
    body = {"email": email, "password": "Wrong-password-1", "tenant": company.slug}
    return await house.visitor().post("/auth/login", json=body)


async def log_in_while_locked(house: House, company: Company, email: str) -> httpx2.Response:
    for _ in range(5):
        await log_in(house, company, email)
    return await log_in(house, company, email)


async def ask_for_a_reset(house: House, company: Company, email: str) -> httpx2.Response:
    return await house.visitor().post("/auth/password/reset-request", json={"email": email})


async def ask_for_verification(house: House, company: Company, email: str) -> httpx2.Response:
    return await house.visitor().post("/auth/resend-verification", json={"email": email})


async def register(house: House, company: Company, email: str) -> httpx2.Response:
    body = {"tenant": company.slug, "email": email, "password": PASSWORD, "full_name": "Somebody"}
    return await house.visitor().post("/auth/register", json=body)


@pytest.mark.parametrize(
    "ask",
    [log_in, log_in_there, log_in_while_locked, ask_for_a_reset, ask_for_verification, register],
    ids=lambda ask: ask.__name__,
)
async def test_a_known_address_costs_as_much_as_an_unknown_one(
    house: House, company: Company, other_company: Company, monkeypatch: pytest.MonkeyPatch, ask: Ask
) -> None:
    member, unverified = await company.member("agent"), await company.register(verified=False)
    disabled = await company.member("agent")
    async with house.database.transaction(account_id=disabled.id) as session:  # type: ignore[arg-type]
        await session.execute(sa.text("UPDATE account SET disabled_at = now() WHERE id = :id"), {"id": disabled.id})
    invited = house.new_email()
    invitation = {"email": invited, "full_name": "Ina", "roles": ["client"]}
    assert (await other_company.admin.http.post("/users", json=invitation)).status_code == 201
    mailed, tenant_id = house.new_email(), UUID(company.admin.me["tenant"]["id"])
    async with house.database.transaction(tenant_id) as session:
        await with_customer(session, tenant_id, await find_sender(session, tenant_id, mailed, "Mailer"), None)
    seen = []
    for email in (house.new_email(), member.email, unverified.email, disabled.email, invited, mailed):
        async with watched(house, monkeypatch) as work:
            answer = await ask(house, company, email)
        body = {name: value for name, value in answer.json().items() if name != "email"}
        seen.append((answer.status_code, body, work.hashes, work.statements))
    assert seen[0][3]
    for other in seen[1:]:
        assert other == seen[0]


async def test_inviting_costs_as_much_whoever_it_is(
    house: House, company: Company, other_company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    member, unverified = await company.member("agent"), await company.register(verified=False)
    seen = []
    for email in (house.new_email(), member.email, unverified.email):
        async with watched(house, monkeypatch) as work:
            body = {"email": email, "full_name": "Ina", "roles": ["client"]}
            assert (await other_company.admin.http.post("/users", json=body)).status_code == 201
        seen.append((work.hashes, work.statements))
    for other in seen[1:]:
        assert other == seen[0]
