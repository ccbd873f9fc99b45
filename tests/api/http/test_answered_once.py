"""Idempotency keys of requests about accounts, most of which need no login."""

import asyncio
import hashlib
import json
from uuid import uuid4

import sqlalchemy as sa

from models.answered_requests import AnsweredRequest
from models.database import look_as
from tests.api.house import PASSWORD, Company, House, code_of


async def test_a_registration_with_a_key_is_answered_once(house: House, company: Company) -> None:
    email, key = house.new_email(), {"Idempotency-Key": str(uuid4())}
    body = {"tenant": company.slug, "email": email, "password": PASSWORD, "full_name": "Carl Client"}
    visitor = house.visitor()

    first = await visitor.post("/auth/register", json=body, headers=key)
    again = await visitor.post("/auth/register", json=body, headers=key)
    other = await visitor.post("/auth/register", json=body | {"full_name": "Mallory"}, headers=key)

    assert (first.status_code, first.json()) == (again.status_code, again.json())
    assert (other.status_code, code_of(other)) == (422, "idempotency_mismatch")
    # Without the key the second one is told that the address is taken.
    assert len(await house.mails_to(email)) == 1


async def test_a_token_that_was_used_confirms_again_to_the_same_key(house: House, company: Company) -> None:
    person = await company.register(verified=False)
    body = {"token": await house.token_for(person.email)}
    visitor, key = house.visitor(), {"Idempotency-Key": "confirm-once"}

    answers = [await visitor.post("/auth/verify-email", json=body, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200, 200]
    assert (await visitor.post("/auth/verify-email", json=body)).status_code >= 400


async def test_a_refusal_is_not_kept(house: House, company: Company) -> None:
    body = {"tenant": company.slug, "email": house.new_email(), "password": "weak", "full_name": "Carl Client"}
    visitor, key = house.visitor(), {"Idempotency-Key": str(uuid4())}

    answers = [await visitor.post("/auth/register", json=body, headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert code_of(answers[0]) == code_of(answers[1]) != "idempotency_mismatch"


async def test_of_many_with_one_key_one_is_carried_out(house: House, company: Company) -> None:
    email, key = house.new_email(), {"Idempotency-Key": str(uuid4())}
    body = {"tenant": company.slug, "email": email, "password": PASSWORD, "full_name": "Carl Client"}
    visitor = house.visitor()

    answers = await asyncio.gather(*(visitor.post("/auth/register", json=body, headers=key) for _ in range(6)))

    carried_out = [answer for answer in answers if answer.status_code == 201]
    assert carried_out
    assert {code_of(answer) for answer in answers if answer not in carried_out} <= {"request_in_progress"}
    assert len(await house.mails_to(email)) == 1


async def test_who_logs_out_twice_with_a_key_is_told_the_same(house: House, company: Company) -> None:
    person = await company.register()
    key = {"Idempotency-Key": "leaving"}

    answers = [await person.http.post("/auth/logout", headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 204]
    assert (await person.http.post("/auth/logout", headers=key | {"Idempotency-Key": "again"})).status_code == 401
    back = await house.log_in(person.email)
    recorded = [entry["action"] for entry in (await back.http.get("/audit/me")).json()["items"]]
    assert recorded.count("account.logged_out") == 1


async def test_no_password_can_be_tried_against_what_is_kept(house: House, company: Company) -> None:
    email, key = house.new_email(), str(uuid4())
    body = {"tenant": company.slug, "email": email, "password": PASSWORD, "full_name": "Carl Client"}
    await house.visitor().post("/auth/register", json=body, headers={"Idempotency-Key": key})

    async with house.database.transaction() as session:
        assert not (await session.scalars(sa.select(AnsweredRequest))).all()
        await look_as(session, request_key=hashlib.sha256(key.encode()).hexdigest())
        mine = (await session.scalars(sa.select(AnsweredRequest))).all()
    said = f"POST\n/api/v1/auth/register\n\n{json.dumps(body, separators=(',', ':'))}"

    assert len(mine) == 1
    assert PASSWORD not in (mine[0].body or "")
    # The very words that are kept a digest of: without our key nobody can try a password against it.
    assert mine[0].fingerprint == house.tokens.fingerprint(said.encode())
    assert mine[0].fingerprint != hashlib.sha256(said.encode()).hexdigest()
