"""Sessions: how long they last, and how they end."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import pytest
import time_machine

from api.identity.callers import find_caller, find_callers
from tests.api.house import Company, House, Person, code_of


async def refresh(house: House, token: str) -> httpx2.Response:
    return await house.visitor().post("/auth/refresh", json={"refresh_token": token})


async def reads(person: Person, token: str | None = None) -> int:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return (await person.http.get("/me", headers=headers)).status_code


async def test_each_refresh_gives_new_tokens(house: House, company: Company) -> None:
    person = await company.member("agent")
    first = (await refresh(house, person.tokens["refresh_token"])).json()
    second = (await refresh(house, first["refresh_token"])).json()

    assert len({person.tokens["refresh_token"], first["refresh_token"], second["refresh_token"]}) == 3
    assert await reads(person, second["access_token"]) == 200
    assert len((await person.http.get("/auth/sessions")).json()) == 1


async def test_a_second_use_ends_the_family_and_tells_the_owner(house: House, company: Company) -> None:
    person = await company.member("agent")
    elsewhere = await house.log_in(person.email)
    stolen = person.tokens["refresh_token"]
    newer = (await refresh(house, stolen)).json()
    before = len(await house.mails_to(person.email))

    reused = await refresh(house, stolen)

    assert (reused.status_code, code_of(reused)) == (401, "refresh_refused")
    assert (await refresh(house, newer["refresh_token"])).status_code == 401
    assert await reads(person) == 401
    assert await reads(person, newer["access_token"]) == 401
    assert await reads(elsewhere) == 200
    assert (await refresh(house, stolen)).status_code == 401
    mails = (await house.mails_to(person.email))[before:]
    assert [mail["Subject"] for mail in mails] == ["We have ended one of your sessions"]


async def test_of_many_who_refresh_at_once_one_wins(house: House, company: Company) -> None:
    person = await company.member("agent")
    answers = await asyncio.gather(*(refresh(house, person.tokens["refresh_token"]) for _ in range(8)))

    assert sorted(answer.status_code for answer in answers) == [200] + [401] * 7
    # Seven of them were copies: the family has ended.
    (won,) = [answer.json() for answer in answers if answer.status_code == 200]
    assert await reads(person, won["access_token"]) == 401
    subjects = [mail["Subject"] for mail in await house.mails_to(person.email)]
    assert subjects.count("We have ended one of your sessions") == 1


async def test_logging_out_ends_the_session_at_once_and_no_other(house: House, company: Company) -> None:
    person = await company.member("agent")
    elsewhere = await house.log_in(person.email)

    assert (await person.http.post("/auth/logout")).status_code == 204
    assert await reads(person) == 401
    assert (await refresh(house, person.tokens["refresh_token"])).status_code == 401
    assert await reads(elsewhere) == 200

    third = await house.log_in(person.email)
    assert (await elsewhere.http.post("/auth/logout-all")).status_code == 204
    assert (await reads(elsewhere), await reads(third)) == (401, 401)


async def test_i_see_my_sessions_and_end_one(house: House, company: Company) -> None:
    person = await company.member("agent")
    elsewhere = await house.log_in(person.email)

    sessions = (await person.http.get("/auth/sessions")).json()
    assert [session["current"] for session in sessions] == [False, True]
    assert {session["tenant"] for session in sessions} == {company.slug}
    assert sessions[0]["user_agent"] == "a test"
    assert sessions[0]["address"].startswith("10.")

    foreign = await company.admin.http.delete(f"/auth/sessions/{sessions[0]['id']}")
    assert foreign.status_code == 404
    assert (await person.http.delete(f"/auth/sessions/{sessions[0]['id']}")).status_code == 204
    assert (await person.http.delete(f"/auth/sessions/{sessions[0]['id']}")).status_code == 404
    assert (await reads(elsewhere), await reads(person)) == (401, 200)


async def test_an_access_token_is_over_after_half_an_hour_and_a_refresh_token_after_a_week(
    house: House, company: Company
) -> None:
    person = await company.member("agent")
    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=30, seconds=5)):
        assert await reads(person) == 401
    with time_machine.travel(datetime.now(UTC) + timedelta(days=7, seconds=5)):
        assert (await refresh(house, person.tokens["refresh_token"])).status_code == 401
    with time_machine.travel(datetime.now(UTC) + timedelta(days=6)):
        assert (await refresh(house, person.tokens["refresh_token"])).status_code == 200


async def test_a_session_ends_after_thirty_days_however_often_it_is_refreshed(house: House, company: Company) -> None:
    person = await company.member("agent")
    began, token = datetime.now(UTC), person.tokens["refresh_token"]
    for day in (6, 12, 18, 24, 29):
        with time_machine.travel(began + timedelta(days=day)):
            answer = await refresh(house, token)
            assert answer.status_code == 200, day
            token = answer.json()["refresh_token"]
    with time_machine.travel(began + timedelta(days=29, hours=23, minutes=50)):
        last = (await refresh(house, token)).json()
        # The last access token does not outlive it either.
        assert 0 < last["expires_in"] <= 600
    with time_machine.travel(began + timedelta(days=30, seconds=5)):
        assert (await refresh(house, last["refresh_token"])).status_code == 401
        assert await reads(person, last["access_token"]) == 401


async def test_an_access_token_does_not_refresh(house: House, company: Company) -> None:
    person = await company.member("agent")
    assert (await refresh(house, person.tokens["access_token"])).status_code == 401
    assert await reads(person, person.tokens["refresh_token"]) == 401


@pytest.mark.parametrize("token", ["", "x" * 3000, "a b", "\x00", "ünicode"])
async def test_garbage_does_not_refresh(house: House, token: str) -> None:
    assert (await refresh(house, token)).status_code in (401, 422)


async def test_many_are_found_at_once_as_each_alone(house: House, company: Company) -> None:
    elsewhere = await house.tenant()
    agent, gone, client = await company.member("agent"), await company.member("manager"), await company.register()
    assert (await gone.http.post("/auth/logout")).status_code == 204
    people = (agent, gone, client, company.admin, elsewhere.admin)
    claims = [house.tokens.read(person.tokens["access_token"]) for person in people]
    alone = {each: await find_caller(house.database, each) for each in claims}
    here = claims[0].tenant_id
    together = await find_callers(house.database, here, claims)
    assert together == {each: found for each, found in alone.items() if found and each.tenant_id == here}
    assert len(together) == 3
    assert await find_callers(house.database, here, []) == {}
