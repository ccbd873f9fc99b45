"""Invitations, and accounts whose address was never proven: nobody but the owner of an address gets into its
account."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from uuid import uuid4

import httpx2
import pytest
import sqlalchemy as sa
import time_machine

from tests.api.house import PASSWORD, Company, House, Person, code_of, codes_of
from tests.stack.mails import text_of

NEW = "Better-luck-next-7"
SPAM = "WIN at www.spam.example"


async def invite(by: Person, email: str, *roles: str, **other: object) -> httpx2.Response:
    body = {"email": email, "full_name": "Ina Invited", "roles": list(roles)} | other
    return await by.http.post("/users", json=body)


async def log_in(house: House, email: str, password: str, **other: str) -> int:
    body = {"email": email, "password": password} | other
    return (await house.visitor().post("/auth/login", json=body)).status_code


async def accept(house: House, token: str, password: str) -> httpx2.Response:
    return await house.visitor().post("/auth/password/reset", json={"token": token, "password": password})


async def test_who_registers_with_a_strangers_address_has_nothing_once_the_stranger_is_invited(
    house: House, company: Company, other_company: Company
) -> None:
    victim = house.new_email("victim")
    attacker = await company.register(victim, verified=False)

    assert (await invite(other_company.admin, victim, "admin")).status_code == 201

    assert (await attacker.http.get("/me")).status_code == 401
    refreshed = await house.visitor().post("/auth/refresh", json={"refresh_token": attacker.tokens["refresh_token"]})
    assert refreshed.status_code == 401
    assert await log_in(house, victim, PASSWORD) == 401
    # Not even by registering once more, and the victim's mail still opens what it was for.
    again = {"tenant": company.slug, "email": victim, "password": "Attackers-2nd-try", "full_name": "Mallory"}
    invitation = await house.token_for(victim)
    assert (await house.visitor().post("/auth/register", json=again)).status_code == 201
    assert await log_in(house, victim, "Attackers-2nd-try") == 401

    assert (await accept(house, invitation, NEW)).status_code == 204
    owner = await house.log_in(victim, NEW, other_company.slug)
    assert (owner.me["roles"], owner.me["user"]["full_name"]) == (["admin"], "Ina Invited")


async def test_a_reset_that_proves_the_address_leaves_nothing_of_who_came_before(
    house: House, company: Company
) -> None:
    victim = house.new_email("victim")
    attacker = await company.register(victim, verified=False)
    await house.visitor().post("/auth/password/reset-request", json={"email": victim})

    # Even the attacker's password is as good as any other: it was never the owner's.
    assert (await accept(house, await house.token_for(victim), PASSWORD)).status_code == 204

    assert (await attacker.http.get("/me")).status_code == 401
    assert (await house.log_in(victim)).me["user"]["email_verified"] is True


async def test_a_membership_begins_when_the_mailed_token_is_used(
    house: House, company: Company, other_company: Company
) -> None:
    person = await company.member("agent")
    elsewhere = await house.log_in(person.email)
    assert (await invite(other_company.admin, person.email, "manager")).status_code == 201

    assert await log_in(house, person.email, PASSWORD, tenant=other_company.slug) == 401
    assert (await person.http.post("/auth/switch-tenant", json={"tenant": other_company.slug})).status_code == 404
    users = (await other_company.admin.http.get("/users", params={"limit": 200})).json()["items"]
    assert person.email not in {user["email"] for user in users}

    token = await house.token_for(person.email)
    wrong = await accept(house, token, NEW)
    assert (wrong.status_code, codes_of(wrong)) == (422, {"password_wrong"})
    answers = await asyncio.gather(*(accept(house, token, PASSWORD) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [204, 422, 422]

    # Password, name and sessions are what they were.
    there = await house.log_in(person.email, tenant=other_company.slug)
    assert (there.me["roles"], there.me["user"]["full_name"]) == (["manager"], "A agent")
    assert (await elsewhere.http.get("/me")).status_code == 200


async def test_an_invitation_is_no_place_to_guess_the_password_at(
    house: House, company: Company, other_company: Company
) -> None:
    person = await company.member("agent")
    await invite(other_company.admin, person.email, "client")
    token = await house.token_for(person.email)
    for n in range(5):
        assert codes_of(await accept(house, token, f"Wrong-password-{n}")) == {"password_wrong"}
    assert codes_of(await accept(house, token, PASSWORD)) == {"password_wrong"}


async def test_inviting_tells_nothing_of_an_account_elsewhere(
    house: House, company: Company, other_company: Company
) -> None:
    known = await company.member("agent")
    unproven = await company.register(verified=False)
    disabled = await company.member("agent")
    async with house.database.transaction(account_id=disabled.id) as session:  # type: ignore[arg-type]
        await session.execute(sa.text("UPDATE account SET disabled_at = now() WHERE id = :id"), {"id": disabled.id})
    emails = [known.email, unproven.email, disabled.email, house.new_email()]

    invited = [(await invite(other_company.admin, email, "client")).json() for email in emails]

    told = [
        {name: value for name, value in user.items() if name not in ("id", "email", "created_at")} for user in invited
    ]
    assert told == [told[0]] * 4
    assert (told[0]["full_name"], told[0]["status"], told[0]["email_verified"]) == ("Ina Invited", "invited", False)
    ids = {user["id"] for user in invited}
    assert not ids & {known.id, unproven.id, disabled.id}
    waiting = (await other_company.admin.http.get("/invitations", params={"limit": 200})).json()["items"]
    assert ids <= {invitation["id"] for invitation in waiting}
    audited = (await other_company.admin.http.get("/audit", params={"limit": 200})).text
    assert not [person for person in (known, unproven, disabled) if person.id in audited]


async def test_an_invitation_taken_back_opens_nothing(house: House, company: Company) -> None:
    email = house.new_email()
    invitation = (await invite(company.admin, email, "agent")).json()
    token = await house.token_for(email)
    path = f"/invitations/{invitation['id']}"
    clerk = await company.member("agent")
    assert (await clerk.http.delete(path)).status_code == 403

    assert (await company.admin.http.delete(path)).status_code == 204

    assert code_of(await accept(house, token, PASSWORD)) == "token_used"
    assert (await company.admin.http.delete(path)).status_code == 404
    # And whoever was uninvited may be invited again.
    assert (await invite(company.admin, email, "client")).status_code == 201
    await house.accept(email)
    assert (await house.log_in(email)).me["roles"] == ["client"]


async def test_an_invitation_that_is_over_is_renewed_by_another(house: House, company: Company) -> None:
    email = house.new_email()
    await invite(company.admin, email, "agent")
    token = await house.token_for(email)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=5)):
        assert code_of(await accept(house, token, PASSWORD)) == "token_expired"
    async with house.database.transaction(company.admin.me["tenant"]["id"]) as session:
        await session.execute(sa.text("UPDATE invitation SET expires_at = now() WHERE email = :who"), {"who": email})
    assert (await invite(company.admin, email, "reviewer")).status_code == 201
    await house.accept(email)
    assert (await house.log_in(email)).me["roles"] == ["reviewer"]


async def test_two_tenants_that_invite_one_newcomer_do_not_stand_in_each_others_way(
    house: House, company: Company, other_company: Company
) -> None:
    email = house.new_email()
    await invite(company.admin, email, "agent")
    first = await house.token_for(email)
    await invite(other_company.admin, email, "client")
    second = await house.token_for(email)

    assert (await accept(house, second, PASSWORD)).status_code == 204
    assert (await accept(house, first, PASSWORD)).status_code == 204
    assert len((await house.log_in(email)).me["memberships"]) == 2


async def test_staff_have_proven_their_address(house: House, company: Company) -> None:
    person = await company.register(verified=False)
    path = f"/users/{person.id}"
    refused = await company.admin.http.patch(path, json={"roles": ["client", "manager"]})
    assert (refused.status_code, code_of(refused)) == (409, "email_unverified")

    # What a customer may do does not grow under those who are not proven either.
    key = f"role-{uuid4().hex[:8]}"
    role = {"key": key, "name": "Quiet", "permissions": ["tickets:read"]}
    made = (await company.admin.http.post("/roles", json=role)).json()
    assert (await company.admin.http.patch(path, json={"roles": [key]})).status_code == 200
    louder = {"name": "Quiet", "permissions": ["tickets:read", "tickets:read_all", "audit:read"]}
    assert (await company.admin.http.put(f"/roles/{made['id']}", json=louder)).status_code == 200
    assert (await person.http.get("/me")).json()["permissions"] == ["tickets:read"]
    assert (await person.http.get("/audit")).status_code == 403

    token = await house.token_for(person.email)
    assert (await house.visitor().post("/auth/verify-email", json={"token": token})).status_code == 200
    assert (await person.http.get("/audit")).status_code == 200
    assert (await company.admin.http.patch(path, json={"roles": ["manager"]})).status_code == 200


@asynccontextmanager
async def loud(house: House, locale: str = "en") -> AsyncIterator[tuple[Company, list[EmailMessage]]]:
    """A tenant that is called what a stranger likes, and what it has made us mail by the end."""
    company = await house.tenant(name=SPAM, locale=locale)
    await house.deliver()
    before = len(house.postbox.mails)
    mails: list[EmailMessage] = []
    yield company, mails
    await house.deliver()
    mails += house.postbox.mails[before:]


@pytest.mark.parametrize("language", ["en", "fr-DZ"])
async def test_mail_to_an_address_that_nobody_has_proven_holds_no_words_of_strangers(
    house: House, language: str
) -> None:
    email, invited = house.new_email(), house.new_email()
    async with loud(house, language) as (company, mails):
        body = {"tenant": company.slug, "email": email, "password": PASSWORD, "full_name": SPAM}
        for _ in range(2):
            await house.visitor().post("/auth/register", json=body)
        await house.deliver()
        stranger = await house.log_in(email)
        change = {"current_password": PASSWORD, "password": NEW}
        assert (await stranger.http.put("/me/password", json=change)).status_code == 204
        for _ in range(2):
            await house.visitor().post("/auth/refresh", json={"refresh_token": stranger.tokens["refresh_token"]})
        await house.visitor().post("/auth/resend-verification", json={"email": email})
        await house.visitor().post("/auth/password/reset-request", json={"email": email})
        await invite(company.admin, invited, "agent", full_name=SPAM)
        await house.deliver()
        await house.visitor().post("/auth/password/reset-request", json={"email": invited})

    assert [mail["To"] for mail in mails] == [email] * 6 + [invited] * 2
    for mail in mails:
        # As words: in the token of a link any letters come up.
        assert not re.search(r"\bspam\b", mail.as_string().lower()), mail.as_string()
        assert not re.search(r"\bWIN\b", mail["Subject"] + text_of(mail))


async def test_who_has_proven_the_address_is_told_who_writes(house: House, company: Company) -> None:
    person = await company.member("agent")
    async with loud(house) as (stranger, mails):
        await invite(stranger.admin, person.email, "client")
    assert SPAM in mails[0]["Subject"]


async def test_an_invitation_is_sent_again_with_another_token(house: House, company: Company) -> None:
    email, key = house.new_email("late"), {"Idempotency-Key": "send-it-again"}
    made = (await invite(company.admin, email, "agent")).json()
    first = await house.token_for(email)
    before = (await company.admin.http.get(f"/invitations/{made['id']}")).json()["expires_at"]
    answers = [await company.admin.http.post(f"/invitations/{made['id']}/resend", headers=key) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["expires_at"] > before
    assert len(await house.mails_to(email)) == 2
    second = await house.token_for(email)

    assert code_of(await accept(house, first, PASSWORD)) == "token_used"
    assert (await accept(house, second, PASSWORD)).status_code == 204
    again = await company.admin.http.post(f"/invitations/{made['id']}/resend")
    assert (again.status_code, code_of(again)) == (404, "not_found")


async def test_who_may_not_give_a_role_does_not_send_its_invitation_again(house: House, company: Company) -> None:
    role = {"key": "greeter", "name": "Greeter", "permissions": ["users:read", "users:write"]}
    assert (await company.admin.http.post("/roles", json=role)).status_code == 201
    greeter = await company.member("greeter")
    made = (await invite(company.admin, house.new_email(), "admin")).json()
    refused = await greeter.http.post(f"/invitations/{made['id']}/resend")
    assert (refused.status_code, code_of(refused)) == (403, "permission_not_held")
