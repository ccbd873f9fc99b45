"""A session in a browser: renewed on the way, by many tabs at once, and ended by a thief."""

import asyncio
import re

import httpx2

from tests.web.conftest import Arrive
from tests.web.visitor import PASSWORD, Page, Visitor

ACCESS, REFRESH = "casewright-access", "casewright-refresh"


def only_to_renew(visitor: Visitor) -> str:
    """The browser's access token has expired; what is left is the token to renew the session by."""
    del visitor.client.cookies[ACCESS]
    return str(visitor.client.cookies[REFRESH])


async def look_with(visitor: Visitor, token: str) -> httpx2.Response:
    """Opens a page with that refresh token only, and keeps no cookies."""
    async with httpx2.AsyncClient(base_url=visitor.client.base_url, timeout=30) as another:
        return await another.get("/tickets", headers={"Cookie": f"{REFRESH}={token}"})


def given(answer: httpx2.Response) -> str | None:
    """The refresh token that an answer sets."""
    found = re.search(rf"{REFRESH}=([^;]+);", "\n".join(answer.headers.get_list("set-cookie")))
    return found[1] if found else None


async def test_it_is_renewed_in_the_request_that_finds_it_expired(arrive: Arrive) -> None:
    visitor = await arrive("client@acme.example", anew=True)
    before = only_to_renew(visitor)
    assert (await visitor.open("/tickets")).status == 200
    assert visitor.client.cookies[REFRESH] != before
    assert visitor.client.cookies[ACCESS]


async def test_twenty_tabs_renew_it_at_once_and_stay(arrive: Arrive) -> None:
    visitor = await arrive("client@acme.example", anew=True)
    token = only_to_renew(visitor)
    answers = await asyncio.gather(*(look_with(visitor, token) for _ in range(20)))
    assert {answer.status_code for answer in answers} == {200}
    successors = [successor for answer in answers if (successor := given(answer))]
    assert len(successors) == 1
    assert (await look_with(visitor, successors[0])).status_code == 200


async def test_a_used_token_that_comes_after_its_successor_was_used_ends_the_session(arrive: Arrive) -> None:
    visitor = await arrive("client2@acme.example", anew=True)
    stolen = only_to_renew(visitor)
    mine = given(await look_with(visitor, stolen))
    assert mine
    mine = given(await look_with(visitor, mine))
    assert mine
    thief = Visitor(str(visitor.client.base_url))
    answer = await thief.client.post("/api/v1/auth/refresh", json={"refresh_token": stolen})
    assert answer.status_code == 401
    await thief.close()
    assert (await look_with(visitor, mine)).status_code == 303


async def test_the_cookies_are_out_of_reach_of_scripts_and_other_sites(arrive: Arrive) -> None:
    visitor = await arrive()
    page = await visitor.open("/login")
    answer = await visitor.post(page, "/login", email="client@acme.example", password="Casewright-demo-2026!")
    lines = answer.headers.get_list("set-cookie")
    assert len(lines) == 2
    for line in lines:
        assert "HttpOnly" in line
        assert "SameSite=Lax" in line
        assert "Path=/" in line


async def test_the_api_takes_no_cookies_and_pages_no_bearer(arrive: Arrive) -> None:
    visitor = await arrive("client@acme.example", anew=True)
    assert (await visitor.client.get("/api/v1/me")).status_code == 401
    bearer = {"Authorization": f"Bearer {visitor.client.cookies[ACCESS]}"}
    nobody = await arrive()
    assert (await nobody.client.get("/tickets", headers=bearer)).status_code == 303


async def test_a_login_that_is_refused_says_so_and_leads_nobody_away(arrive: Arrive) -> None:
    visitor = await arrive()
    page = await visitor.open("/login?next=//evil.example/")
    page = await visitor.send(page, "/login", email="client@acme.example", password="wrong")
    assert page.status == 401
    assert page.value("/login", "email") == "client@acme.example"
    entered: Page = await visitor.send(page, "/login", email="client@acme.example", password="Casewright-demo-2026!")
    assert entered.status == 200
    assert entered.address.startswith(str(visitor.client.base_url).rstrip("/"))


async def test_logging_out_ends_it_here_and_at_the_server(arrive: Arrive) -> None:
    visitor = await arrive("client@acme.example", anew=True)
    page, token = await visitor.open("/account"), visitor.client.cookies[REFRESH]
    left = await visitor.post(page, "/logout")
    assert left.headers["clear-site-data"] == '"cache", "storage"'
    assert (await look_with(visitor, token)).status_code == 303
    assert (await visitor.open("/")).address.endswith("/login")


async def test_no_password_is_given_back_as_a_draft(arrive: Arrive) -> None:
    visitor = await arrive("client@acme.example", anew=True)
    page = await visitor.open("/account")
    visitor.client.cookies.clear()
    login = await visitor.send(page, "/account/password", current_password=PASSWORD, password="Right-of-way-2027")
    assert login.status == 401
    await visitor.send(login, "/login", email="client@acme.example", password=PASSWORD)
    bearer = {"Authorization": f"Bearer {visitor.client.cookies[ACCESS]}"}
    kept = await visitor.client.get("/api/v1/drafts/account/password", headers=bearer)
    assert kept.status_code == 200
    assert "Right-of-way" not in kept.text
    assert PASSWORD not in kept.text
