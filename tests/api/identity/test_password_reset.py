"""Passwords: forgotten, changed, and never an old one."""

import asyncio
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import httpx2
import time_machine

from tests.api.house import PASSWORD, Company, House, Person, code_of, codes_of

NEW = "Better-luck-next-7"


async def ask(house: House, email: str) -> httpx2.Response:
    return await house.visitor().post("/auth/password/reset-request", json={"email": email})


async def reset(house: House, token: str, password: str = NEW) -> httpx2.Response:
    return await house.visitor().post("/auth/password/reset", json={"token": token, "password": password})


async def change(person: Person, current: str, password: str) -> httpx2.Response:
    return await person.http.put("/me/password", json={"current_password": current, "password": password})


async def test_a_forgotten_password_is_set_anew_once_and_every_session_ends(house: House, company: Company) -> None:
    person = await company.member("agent")
    assert (await ask(house, person.email)).status_code == 202
    token = await house.token_for(person.email)

    assert (await reset(house, token)).status_code == 204

    assert (await person.http.get("/me")).status_code == 401
    assert (await house.mails_to(person.email))[-1]["Subject"] == "Your password has been reset"
    again = await reset(house, token, "Yet-another-one-9")
    assert (again.status_code, code_of(again)) == (422, "token_used")
    old = await house.visitor().post("/auth/login", json={"email": person.email, "password": PASSWORD})
    assert old.status_code == 401
    await house.log_in(person.email, NEW)


async def test_the_answer_does_not_tell_who_has_an_account(house: House, company: Company) -> None:
    known, unknown = await ask(house, company.admin.email), await ask(house, house.new_email())
    assert known.status_code == unknown.status_code == 202
    assert known.json()["detail"] == unknown.json()["detail"]


async def test_of_many_resets_with_one_token_one_counts(house: House, company: Company) -> None:
    person = await company.member("agent")
    await ask(house, person.email)
    token = await house.token_for(person.email)
    passwords = [f"Password-by-race-{n}" for n in range(4)]
    answers = await asyncio.gather(*(reset(house, token, password) for password in passwords))

    assert sorted(answer.status_code for answer in answers) == [204, 422, 422, 422]
    (won,) = [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 204]
    await house.log_in(person.email, won)


async def test_a_bad_choice_does_not_use_the_token_up(house: House, company: Company) -> None:
    person = await company.member("agent")
    await ask(house, person.email)
    token = await house.token_for(person.email)

    assert codes_of(await reset(house, token, "P@ssw0rd-2026!")) == {"password_common"}
    assert codes_of(await reset(house, token, PASSWORD)) == {"password_reused"}
    assert (await reset(house, token)).status_code == 204


async def test_a_token_is_over_after_an_hour_and_when_another_is_asked_for(house: House, company: Company) -> None:
    person = await company.member("agent")
    await ask(house, person.email)
    older = await house.token_for(person.email)
    await ask(house, person.email)
    newer = await house.token_for(person.email)

    assert code_of(await reset(house, older)) == "token_used"
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1, seconds=5)):
        assert code_of(await reset(house, newer)) == "token_expired"
    assert code_of(await reset(house, newer[:-3])) == "token_invalid"


async def test_a_reset_confirms_the_address(house: House, company: Company) -> None:
    person = await company.register(verified=False)
    await ask(house, person.email)
    await reset(house, await house.token_for(person.email))
    assert (await house.log_in(person.email, NEW)).me["user"]["email_verified"] is True


async def test_i_change_my_password_and_my_other_sessions_end(house: House, company: Company) -> None:
    person = await company.member("agent")
    elsewhere = await house.log_in(person.email)
    await ask(house, person.email)
    forgotten = await house.token_for(person.email)

    wrong = await change(person, "Wrong-password-1", NEW)
    assert (wrong.status_code, codes_of(wrong)) == (422, {"password_wrong"})
    assert (await change(person, PASSWORD, NEW)).status_code == 204

    assert (await person.http.get("/me")).status_code == 200
    assert (await elsewhere.http.get("/me")).status_code == 401
    assert code_of(await reset(house, forgotten, "Yet-another-one-9")) == "token_used"
    assert (await house.mails_to(person.email))[-1]["Subject"] == "Your password has been changed"


async def test_none_of_the_last_five_comes_back(house: House, company: Company) -> None:
    person = await company.member("agent")
    used = [PASSWORD, *(f"Number-of-way-{n}!" for n in range(5))]
    for current, following in pairwise(used):
        assert (await change(person, current, following)).status_code == 204, following

    for recent in used[1:]:
        assert codes_of(await change(person, used[-1], recent)) == {"password_reused"}, recent
    assert (await change(person, used[-1], PASSWORD)).status_code == 204


async def test_of_two_changes_at_once_one_counts(house: House, company: Company) -> None:
    person = await company.member("agent")
    passwords = [f"Change-by-race-{n}" for n in range(3)]
    answers = await asyncio.gather(*(change(person, PASSWORD, password) for password in passwords))
    won = [password for password, answer in zip(passwords, answers, strict=True) if answer.status_code == 204]
    assert len(won) == 1
    await house.log_in(person.email, won[0])


async def test_a_copied_access_token_is_no_place_to_guess_the_password_at(house: House, company: Company) -> None:
    person = await company.member("agent")
    for _ in range(5):
        assert (await change(person, "Wrong-password-1", NEW)).status_code == 422
    assert codes_of(await change(person, PASSWORD, NEW)) == {"password_wrong"}


async def test_three_requests_in_a_quarter_of_an_hour(house: House, company: Company) -> None:
    visitor = house.visitor()
    answers = [
        await visitor.post("/auth/password/reset-request", json={"email": company.admin.email}) for _ in range(4)
    ]
    assert [answer.status_code for answer in answers] == [202, 202, 202, 429]
    assert 0 < int(answers[3].headers["Retry-After"]) <= 300
