"""Registering as a customer."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx2
import pytest
import time_machine

from stores.mail.senders import find_sender, with_customer
from tests.api.house import PASSWORD, Company, House, code_of, codes_of
from tests.stack.mails import text_of


async def register(house: House, company: Company, to_email: str, **other: str) -> httpx2.Response:
    body = {"tenant": company.slug, "email": to_email, "password": PASSWORD, "full_name": "Carl Client"} | other
    return await house.visitor().post("/auth/register", json=body)


async def test_who_registers_reads_at_once_and_acts_once_the_address_is_confirmed(
    house: House, company: Company
) -> None:
    person = await company.register(verified=False)

    assert person.me["roles"] == ["client"]
    assert person.me["user"]["email_verified"] is False
    assert person.me["customer"]["status"] == "pending"
    assert (await person.http.get(f"/customers/{person.customer_id}")).json()["type"] == "individual"
    assert (await person.http.get("/tickets")).status_code == 200
    refused = await person.http.post("/tickets", json={"subject": "s", "body": "b"})
    assert (refused.status_code, code_of(refused)) == (403, "email_unverified")

    token = await house.token_for(person.email)
    confirmed = await house.visitor().post("/auth/verify-email", json={"token": token})
    assert confirmed.json() == {"email": person.email, "email_verified": True}

    # The same access token, and no engine in this test: the command is taken and waits.
    assert (await person.http.post("/tickets", json={"subject": "s", "body": "b"})).status_code in (201, 202)


async def test_a_known_address_gets_the_same_answer_and_another_mail(house: House, company: Company) -> None:
    person = await company.register()
    before = len(await house.mails_to(person.email))

    first = await register(house, company, house.new_email())
    again = await register(house, company, person.email.upper(), password="Another-password-1", full_name="Mallory")

    assert again.status_code == first.status_code == 201
    assert again.json() | {"email": ""} == first.json() | {"email": ""}
    assert set(again.headers) == set(first.headers)
    mails = (await house.mails_to(person.email))[before:]
    assert ["already have an account" in mail["Subject"] for mail in mails] == [True]
    assert (await house.log_in(person.email)).me["user"]["full_name"] == "Carl Client"


async def test_of_many_who_register_one_address_at_once_one_makes_the_account(house: House, company: Company) -> None:
    email = house.new_email()
    answers = await asyncio.gather(*(register(house, company, email) for _ in range(6)))

    assert {answer.status_code for answer in answers} == {201}
    subjects = [mail["Subject"] for mail in await house.mails_to(email)]
    assert sum("Confirm" in subject for subject in subjects) == 1
    assert sum("already" in subject for subject in subjects) == 5
    assert len((await house.log_in(email)).me["memberships"]) == 1


async def test_only_the_newest_token_confirms_and_only_once(house: House, company: Company) -> None:
    person = await company.register(verified=False)
    older = await house.token_for(person.email)
    assert (await house.visitor().post("/auth/resend-verification", json={"email": person.email})).status_code == 202
    newer = await house.token_for(person.email)

    async def verify(token: str) -> httpx2.Response:
        return await house.visitor().post("/auth/verify-email", json={"token": token})

    assert code_of(await verify(older)) == "token_used"
    answers = await asyncio.gather(*(verify(newer) for _ in range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422, 422]
    # A confirmed address is not asked again, and the answer does not say so.
    count = len(await house.mails_to(person.email))
    assert (await house.visitor().post("/auth/resend-verification", json={"email": person.email})).status_code == 202
    assert len(await house.mails_to(person.email)) == count


async def test_a_token_is_over_after_a_day(house: House, company: Company) -> None:
    person = await company.register(verified=False)
    token = await house.token_for(person.email)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=24, seconds=5)):
        answer = await house.visitor().post("/auth/verify-email", json={"token": token})
    assert (answer.status_code, code_of(answer)) == (422, "token_expired")


async def test_a_token_is_good_for_its_purpose_only(house: House, company: Company) -> None:
    person = await company.register(verified=False)
    token = await house.token_for(person.email)
    visitor = house.visitor()

    reset = await visitor.post("/auth/password/reset", json={"token": token, "password": "Some-other-way-7"})
    as_access = await visitor.get("/me", headers={"Authorization": f"Bearer {token}"})
    as_refresh = await visitor.post("/auth/refresh", json={"refresh_token": token})
    access_as_mailed = await visitor.post("/auth/verify-email", json={"token": person.tokens["access_token"]})

    assert code_of(reset) == "token_invalid"
    assert as_access.status_code == as_refresh.status_code == 401
    assert code_of(access_as_mailed) == "token_invalid"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"tenant": "no-such-tenant"}, "unknown"),
        ({"email": "no address"}, "invalid"),
        ({"full_name": "two\nlines"}, "invalid"),
        ({"full_name": "  "}, "invalid"),
        ({"password": "short"}, "password_weak"),
        ({"password": "Right-of-way-2026\x00"}, "invalid"),
        ({"unknown": "field"}, "invalid"),
    ],
)
async def test_refuses_what_cannot_be_registered(
    house: House, company: Company, change: dict[str, str], code: str
) -> None:
    answer = await register(house, company, house.new_email(), **change)
    assert (answer.status_code, code_of(answer)) == (422, code)


async def test_says_everything_that_a_password_lacks(house: House, company: Company) -> None:
    answer = await register(house, company, house.new_email(), password="abc")
    assert codes_of(answer) == {
        "password_too_short",
        "password_no_upper",
        "password_no_digit",
        "password_no_symbol",
        "password_common",
    }
    assert {error["field"] for error in answer.json()["errors"]} == {"password"}


async def test_three_registrations_an_hour_from_one_address(house: House, company: Company) -> None:
    visitor = house.visitor()
    body = {"tenant": company.slug, "password": PASSWORD, "full_name": "Carl"}
    answers = [await visitor.post("/auth/register", json=body | {"email": house.new_email()}) for _ in range(4)]

    assert [answer.status_code for answer in answers] == [201, 201, 201, 429]
    assert code_of(answers[3]) == "rate_limited"
    assert 0 < int(answers[3].headers["Retry-After"]) <= 1200


async def test_whoever_mailed_before_takes_the_account_over_once_the_address_is_proven(
    house: House, company: Company
) -> None:
    email, tenant_id = house.new_email("mailer"), UUID(company.admin.me["tenant"]["id"])
    async with house.database.transaction(tenant_id) as session:
        sender = await find_sender(session, tenant_id, email, "Mailer")
        made = await with_customer(session, tenant_id, sender, None)
    typed = "Typed-by-a-stranger-7"
    assert (await register(house, company, email, password=typed)).status_code == 201
    assert (await house.visitor().post("/auth/login", json={"email": email, "password": typed})).status_code == 401
    [mail] = await house.mails_to(email)
    assert "Choose a password" in mail["Subject"]
    assert "The company" not in text_of(mail)
    body = {"token": await house.token_for(email), "password": PASSWORD}
    assert (await house.visitor().post("/auth/password/reset", json=body)).status_code == 204
    person = await house.log_in(email)
    assert (person.id, person.customer_id) == (str(made.account_id), str(made.customer_id))
    assert person.me["user"]["email_verified"] is True
    # From then on it is an account like any other.
    assert (await register(house, company, email)).status_code == 201
    assert "already" in (await house.mails_to(email))[-1]["Subject"]


async def test_what_was_typed_for_a_strangers_address_is_not_kept_when_the_stranger_mails(
    house: House, company: Company, other_company: Company
) -> None:
    email, typed = house.new_email("mailer"), "Typed-by-a-stranger-7"
    assert (await register(house, company, email, password=typed)).status_code == 201
    person = await house.log_in(email, typed)
    for mailed in (company, other_company):
        tenant_id = UUID(mailed.admin.me["tenant"]["id"])
        async with house.database.transaction(tenant_id) as session:
            sender = await find_sender(session, tenant_id, email, "Mailer")
            made = await with_customer(session, tenant_id, sender, None)
        assert str(made.account_id) == person.id
        assert (await house.visitor().post("/auth/login", json={"email": email, "password": typed})).status_code == 401
        assert (await person.http.get("/tickets")).status_code == 401
    refresh = {"refresh_token": person.tokens["refresh_token"]}
    assert (await house.visitor().post("/auth/refresh", json=refresh)).status_code == 401

    assert (await register(house, company, email, password=typed)).status_code == 201
    assert "Choose a password" in (await house.mails_to(email))[-1]["Subject"]
    body = {"token": await house.token_for(email), "password": PASSWORD}
    assert (await house.visitor().post("/auth/password/reset", json=body)).status_code == 204
    owner = await house.log_in(email)
    assert (owner.id, len(owner.me["memberships"])) == (person.id, 2)


async def test_who_has_confirmed_an_address_keeps_the_password_when_mailing(house: House, company: Company) -> None:
    person = await company.register()
    tenant_id = UUID(company.admin.me["tenant"]["id"])
    async with house.database.transaction(tenant_id) as session:
        await with_customer(session, tenant_id, await find_sender(session, tenant_id, person.email, "Carl"), None)
    assert (await person.http.get("/tickets")).status_code == 200
    assert (await house.log_in(person.email)).customer_id == person.customer_id
