"""Guessing passwords: what stops it, whom it hits, and for how long."""

import asyncio
from ipaddress import ip_network

import httpx2
import pytest
import sqlalchemy as sa

from api.http.client_address import Device
from api.http.forwarded import real_address
from api.http.rate_limits import take
from api.identity import hashes as passwords
from models.database import Database
from tests.api.house import PASSWORD, Company, House, code_of, codes_of


async def attempt(house: House, email: str, password: str, address: str | None = None) -> httpx2.Response:
    return await house.visitor(address).post("/auth/login", json={"email": email, "password": password})


async def half_an_hour_later(database: Database) -> None:
    async with database.transaction() as session:
        await session.execute(sa.text("UPDATE lockout SET last_at = last_at - interval '30 minutes 1 second'"))


async def test_after_five_failures_the_right_password_is_refused_like_a_wrong_one(
    house: House, company: Company
) -> None:
    person = await company.member("agent")
    refused = [await attempt(house, person.email, "Wrong-password-1") for _ in range(5)]
    right = await attempt(house, person.email, PASSWORD)
    wrong = await attempt(house, person.email, "Wrong-password-1")

    assert {answer.status_code for answer in (*refused, right, wrong)} == {401}
    assert refused[0].text == right.text == wrong.text
    # Somebody who is logged in stays so.
    assert (await person.http.get("/me")).status_code == 200

    await half_an_hour_later(house.database)
    await house.log_in(person.email)


async def test_an_address_without_an_account_is_treated_alike(house: House) -> None:
    email = house.new_email()
    answers = [await attempt(house, email, "Wrong-password-1") for _ in range(7)]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1


async def test_a_success_forgets_the_failures_before_it(house: House, company: Company) -> None:
    person = await company.member("agent")
    for _ in range(3):
        for _ in range(4):
            await attempt(house, person.email, "Wrong-password-1")
        await house.log_in(person.email)


async def test_guesses_at_the_same_moment_are_all_counted(house: House, company: Company) -> None:
    person = await company.member("agent")
    await asyncio.gather(*(attempt(house, person.email, f"Wrong-password-{n}") for n in range(12)))
    assert (await attempt(house, person.email, PASSWORD)).status_code == 401


async def test_guesses_at_the_same_moment_are_no_more_than_as_many_in_a_row(
    house: House, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Guesses at the routes that ask for the password of somebody who is logged in: a stolen access token reaches
    them."""
    person = await company.member("agent")
    compared = 0
    compare = passwords._hasher.verify_and_update

    def counted(*arguments: str) -> tuple[bool, str | None]:
        nonlocal compared
        compared += 1
        return compare(*arguments)

    monkeypatch.setattr(passwords._hasher, "verify_and_update", counted)
    bodies = [{"current_password": f"Wrong-password-{n}", "password": "Better-luck-next-7"} for n in range(60)]
    answers = await asyncio.gather(*(person.http.put("/me/password", json=body) for body in bodies))

    assert {code for answer in answers for code in codes_of(answer)} == {"password_wrong"}
    assert compared == 5
    assert (await attempt(house, person.email, PASSWORD)).status_code == 401


async def test_a_right_password_is_no_failure_whatever_else_is_wrong(house: House, company: Company) -> None:
    person = await company.member("agent")
    for _ in range(7):
        body = {"current_password": PASSWORD, "password": "weak"}
        assert "password_too_short" in codes_of(await person.http.put("/me/password", json=body))
    await house.log_in(person.email)


async def test_one_address_that_tries_many_accounts_is_locked_out_and_nobody_else(
    house: House, company: Company
) -> None:
    person = await company.member("agent")
    attacker = "198.51.100.9"
    for _ in range(5):
        await attempt(house, house.new_email(), "Wrong-password-1", attacker)
    async with house.database.transaction() as session:
        await session.execute(sa.text("DELETE FROM rate_bucket"))

    assert (await attempt(house, person.email, PASSWORD, attacker)).status_code == 401
    await house.log_in(person.email)


async def test_a_new_password_by_mail_opens_the_account_again(house: House, company: Company) -> None:
    person = await company.member("agent")
    for _ in range(5):
        await attempt(house, person.email, "Wrong-password-1")
    await house.visitor().post("/auth/password/reset-request", json={"email": person.email})
    await house.accept(person.email, "Better-luck-next-7")
    await house.log_in(person.email, "Better-luck-next-7")


async def test_five_logins_a_minute_from_one_address(house: House, company: Company) -> None:
    visitor = house.visitor()
    body = {"email": company.admin.email, "password": PASSWORD}
    # At once: one after the other they might take so long that one more is let through.
    answers = await asyncio.gather(*(visitor.post("/auth/login", json=body) for _ in range(6)))

    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [429]
    [refused] = [answer for answer in answers if answer.status_code == 429]
    assert code_of(refused) == "rate_limited"
    assert 0 < int(refused.headers["Retry-After"]) <= 12
    assert (await house.visitor().post("/auth/login", json=body)).status_code == 200


async def test_of_many_who_take_at_once_as_many_get_as_there_are(database: Database) -> None:
    waits = await asyncio.gather(*(take(database.look_up, "a race", 5, 3600) for _ in range(20)))
    assert waits.count(0) == 5
    assert all(0 < wait <= 720 for wait in waits if wait)


@pytest.mark.parametrize(
    ("peer", "forwarded_for", "believed"),
    [
        ("203.0.113.5", ["192.0.2.1"], "203.0.113.5"),
        ("10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["6.6.6.6", "192.0.2.1"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1", "10.0.0.2"], "192.0.2.1"),
        ("10.0.0.1", ["192.0.2.1", "nonsense"], "10.0.0.1"),
        ("10.0.0.1", [], "10.0.0.1"),
        ("::ffff:10.0.0.1", ["192.0.2.1"], "192.0.2.1"),
        ("testclient", ["192.0.2.1"], "unknown"),
    ],
)
def test_only_a_trusted_proxy_is_believed(peer: str, forwarded_for: list[str], believed: str) -> None:
    assert real_address(peer, forwarded_for, [ip_network("10.0.0.0/8")]) == believed


def test_a_subscriber_of_ipv6_counts_as_one() -> None:
    first, second = Device("2001:db8:1:2::1", None), Device("2001:db8:1:2:ffff::9", None)
    assert first.neighbourhood == second.neighbourhood != Device("2001:db8:1:3::1", None).neighbourhood
    assert Device("192.0.2.1", None).neighbourhood == "192.0.2.1"
