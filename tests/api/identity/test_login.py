"""Logging in: who gets tokens, for which tenant, and what the others are told."""

import asyncio

import httpx2
import pytest
import sqlalchemy as sa
from sqlmodel import col

from models.sessions import LoginAttempt, RefreshToken
from tests.api.house import PASSWORD, Company, House, code_of


async def test_login_gives_tokens_that_say_how_long_they_last(house: House, company: Company) -> None:
    answer = await house.visitor().post("/auth/login", json={"email": company.admin.email, "password": PASSWORD})

    tokens = answer.json()
    assert set(tokens) == {"access_token", "refresh_token", "token_type", "expires_in"}
    assert (tokens["token_type"], tokens["expires_in"]) == ("Bearer", 1800)


async def test_an_unknown_address_a_wrong_password_and_a_foreign_tenant_answer_alike(
    house: House, company: Company, other_company: Company
) -> None:
    bodies = [
        {"email": house.new_email(), "password": PASSWORD},
        {"email": company.admin.email, "password": "Wrong-password-1"},
        {"email": company.admin.email, "password": PASSWORD, "tenant": other_company.slug},
        {"email": company.admin.email, "password": PASSWORD, "tenant": "no-such-tenant"},
    ]
    answers = [await house.visitor().post("/auth/login", json=body) for body in bodies]

    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.text for answer in answers}) == 1
    assert code_of(answers[0]) == "login_refused"
    await house.log_in(company.admin.email)


async def test_a_person_of_two_tenants_chooses_one_and_switches(
    house: House, company: Company, other_company: Company
) -> None:
    person = await company.member("agent")
    invited = {"email": person.email, "full_name": "Ignored", "roles": ["client"]}
    assert (await other_company.admin.http.post("/users", json=invited)).status_code == 201
    assert "invites you" in (await house.mails_to(person.email))[-1]["Subject"]
    await house.accept(person.email)

    assert (await house.log_in(person.email)).me["tenant"]["slug"] == company.slug
    there = await house.log_in(person.email, tenant=other_company.slug)
    assert (there.me["tenant"]["slug"], there.me["roles"]) == (other_company.slug, ["client"])
    assert {m["tenant"]: m["active"] for m in there.me["memberships"]} == {
        company.slug: False,
        other_company.slug: True,
    }

    switched = (await there.http.post("/auth/switch-tenant", json={"tenant": company.slug})).json()
    me = await there.http.get("/me", headers={"Authorization": f"Bearer {switched['access_token']}"})
    assert (me.json()["tenant"]["slug"], me.json()["roles"]) == (company.slug, ["agent"])
    # The older token is still the other tenant's, and the session goes on in the new one.
    assert (await there.http.get("/me")).json()["tenant"]["slug"] == other_company.slug
    again = await there.http.post("/auth/refresh", json={"refresh_token": there.tokens["refresh_token"]})
    me = await there.http.get("/me", headers={"Authorization": f"Bearer {again.json()['access_token']}"})
    assert me.json()["tenant"]["slug"] == company.slug

    audited = (await company.admin.http.get("/audit", params={"actor_id": person.id})).json()["items"]
    assert "login.switched" in {entry["action"] for entry in audited}

    foreign = await company.admin.http.post("/auth/switch-tenant", json={"tenant": other_company.slug})
    assert foreign.status_code == 404


async def test_many_log_in_at_once(house: House, company: Company) -> None:
    people = await asyncio.gather(*(house.log_in(company.admin.email) for _ in range(20)))
    assert len({person.tokens["access_token"] for person in people}) == 20


async def test_the_database_holds_no_token_and_logs_every_attempt(house: House, company: Company) -> None:
    person = await company.member("agent")
    await house.visitor("192.0.2.7").post("/auth/login", json={"email": person.email, "password": "Wrong-password-1"})

    async with house.database.transaction(account_id=person.id) as session:  # type: ignore[arg-type]
        rows = list(await session.scalars(sa.select(RefreshToken)))
        attempts = list(await session.scalars(sa.select(LoginAttempt).order_by(col(LoginAttempt.id))))
    assert rows
    assert all(person.tokens["refresh_token"].encode() not in row.token_hash for row in rows)
    assert [attempt.outcome for attempt in attempts] == ["success", "refused"]
    assert (attempts[1].address, attempts[1].user_agent) == ("192.0.2.7", "a test")


async def test_nobody_without_a_scope_reads_who_is_logged_in(house: House) -> None:
    tables = ("login_session", "refresh_token", "login_attempt", "mailed_token", "password_history", "account")
    async with house.database.transaction() as session:
        for table in tables:
            assert await session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == 0, table


async def test_me_says_who_i_am(company: Company) -> None:
    me = company.admin.me
    assert set(me) == {
        *("user", "tenant", "customer", "roles", "permissions", "memberships", "entitlements", "flags"),
    }
    assert me["tenant"]["slug"] == company.slug
    assert "users:write" in me["permissions"]
    assert "tenants:write" not in me["permissions"]


async def test_i_change_my_name_and_language(company: Company) -> None:
    person = await company.member("agent")
    changed = (await person.http.patch("/me", json={"full_name": "Nadia", "locale": "fr-DZ"})).json()
    assert (changed["user"]["full_name"], changed["user"]["locale"]) == ("Nadia", "fr-DZ")
    kept = (await person.http.patch("/me", json={"locale": None})).json()
    assert (kept["user"]["full_name"], kept["user"]["locale"]) == ("Nadia", None)
    for bad in ({"full_name": None}, {"locale": "french"}, {"email": "other@people.example"}):
        assert (await person.http.patch("/me", json=bad)).status_code == 422


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer x", "Bearer a.b.c", "Basic YTpi", "Bearer " + "e" * 5000]
)
async def test_garbage_is_not_a_token(house: House, header: str) -> None:
    answer = await house.visitor().get("/me", headers={"Authorization": header})
    assert (answer.status_code, code_of(answer)) == (401, "unauthenticated")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"email": "a@people.example"},
        {"email": "a@people.example", "password": ""},
        {"email": "a@people.example", "password": "x" * 201},
        {"email": "a@people.example", "password": "\x00"},
        {"email": "é@people.example", "password": "x"},
        {"email": ["a@people.example"], "password": "x"},
    ],
)
async def test_refuses_a_body_that_is_no_login(house: House, body: dict[str, object]) -> None:
    answer = await house.visitor().post("/auth/login", json=body)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")


async def test_a_password_with_half_a_character_is_refused(house: House) -> None:
    content = b'{"email": "a@people.example", "password": "\\ud800"}'
    answer = await house.visitor().post("/auth/login", content=content, headers={"Content-Type": "application/json"})
    assert isinstance(answer, httpx2.Response)
    assert (answer.status_code, code_of(answer)) == (422, "invalid")
