"""One's own account in a browser: the same commands, events and refusals as through the API."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial
from uuid import UUID

import httpx2
import pytest

from api.identity import sessions
from models.tickets import Ticket
from tests.api.house import PASSWORD, Company, House
from tests.web.people.conftest import NewBrowser

ANOTHER = "Second-Pass-2026"


async def test_page_and_api_change_the_same(house: House, company: Company, browser: NewBrowser) -> None:
    person, mine = await company.register(), browser()
    await mine.log_in(person.email, PASSWORD)
    await mine.open("/account")
    chosen = {
        "full_name": "Carla",
        "locale": "fr",
        "timezone": "Asia/Tokyo",
        "theme": "dark",
        "single_keys": "off",
    }
    kept = await mine.send("/account", **chosen)

    assert (kept.status, kept.tree.get("lang"), kept.tree.get("data-theme")) == (200, "fr", "dark")
    assert kept.tree.find("body").get("data-keys") == "off"
    me = (await person.http.get("/me")).json()["user"]
    assert {name: me[name] for name in chosen} == chosen
    await mine.open("/account")
    await mine.send("/account", locale="", timezone="", theme="", single_keys="")
    by_page = (await person.http.get("/audit/me")).json()["items"][:2]
    assert (await person.http.patch("/me", json={name: value or None for name, value in chosen.items()})).is_success
    by_api = (await person.http.get("/audit/me")).json()["items"][0]
    assert by_api["action"] == by_page[1]["action"] == "account.edited"
    assert by_api["detail"] == {"fields": sorted(chosen)} == by_page[1]["detail"]

    await mine.open("/account")
    nameless = await mine.send("/account", full_name="")
    assert (nameless.status, nameless.faults()) == (422, {"full_name"})
    await mine.open("/account")
    nowhere = await mine.send("/account", timezone="Mars/Olympus")
    assert (nowhere.status, nowhere.faults()) == (422, {"timezone"})


async def test_a_new_password_ends_the_other_sessions(house: House, company: Company, browser: NewBrowser) -> None:
    person, mine = await company.register(), browser()
    await mine.log_in(person.email, PASSWORD)
    await mine.open("/account")
    wrong = await mine.send("/account/password", current_password="Not-it-2026-x", password=ANOTHER)
    assert (wrong.status, wrong.faults()) == (422, {"current_password"})
    assert (await mine.send("/account/password", current_password=PASSWORD, password=ANOTHER)).status == 200
    assert (await person.http.get("/me")).status_code == 401
    assert (await mine.open("/account")).status == 200


async def test_sessions_end_one_by_one_and_all_others_at_once(
    house: House, company: Company, browser: NewBrowser
) -> None:
    person, mine = await company.register(), browser()
    others = [person, await house.log_in(person.email), await house.log_in(person.email)]
    await mine.log_in(person.email, PASSWORD)
    sessions = (await person.http.get("/auth/sessions")).json()
    own = next(each["id"] for each in sessions if each["current"])
    await mine.open("/account")
    await mine.send(f"/account/sessions/{own}")
    assert [(await each.http.get("/me")).status_code for each in others] == [401, 200, 200]
    await mine.send("/account/sessions")
    assert [(await each.http.get("/me")).status_code for each in others] == [401, 401, 401]
    assert (await mine.open("/account")).status == 200
    assert (await mine.send("/logout")).address == "/login"
    assert (await mine.open("/account")).address.startswith("/login")


async def test_tabs_that_come_at_once_are_let_in_as_one(
    house: House, company: Company, browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, mine = await company.register(), browser()
    await mine.log_in(person.email, PASSWORD)
    monkeypatch.setattr(house.services.settings, "refresh_per_minute", 2)
    token = mine.http.cookies["casewright-refresh"]
    look = partial(look_with, browser)
    for _ in range(2):
        tabs = await asyncio.gather(*(look(token) for _ in range(20)))
        assert {tab.status_code for tab in tabs} == {200}
        [token] = [new for tab in tabs if (new := tab.cookies.get("casewright-refresh"))]
    # The third within the minute. It is told, and uses nothing up.
    assert [(await look(token)).status_code for _ in range(2)] == [429, 429]
    monkeypatch.setattr(house.services.settings, "refresh_per_minute", 600)
    assert (await look(token)).status_code == 200


async def test_one_whose_new_token_was_lost_on_the_way_goes_on_and_who_found_it_does_not(
    company: Company, browser: NewBrowser, monkeypatch: pytest.MonkeyPatch
) -> None:
    person, mine = await company.register(), browser()
    await mine.log_in(person.email, PASSWORD)
    # Later than tabs come at once.
    monkeypatch.setattr(sessions, "AT_ONCE", timedelta(0))
    token = mine.http.cookies["casewright-refresh"]
    lost, new = [(await look_with(browser, token)).cookies["casewright-refresh"] for _ in range(2)]
    new = (await look_with(browser, new)).cookies["casewright-refresh"]
    for found in (lost, new):
        assert (await look_with(browser, found)).headers["location"].startswith("/login")


async def look_with(browser: NewBrowser, token: str) -> httpx2.Response:
    """What a tab is answered whose access token has expired."""
    cookie = {"Cookie": f"casewright-refresh={token}"}
    return await browser().http.get("/account", headers=cookie, follow_redirects=False)


async def test_one_goes_on_in_another_house(house: House, company: Company, browser: NewBrowser) -> None:
    person, mine, elsewhere = await company.member("agent"), browser(), await house.tenant()
    invited = {"email": person.email, "full_name": "Same", "roles": ["manager"]}
    assert (await elsewhere.admin.http.post("/users", json=invited)).status_code == 201
    await house.accept(person.email)
    await mine.log_in(person.email, PASSWORD)
    assert f"The {company.slug}" in mine.page.says
    await mine.open("/account")
    assert (await mine.send("/account/tenant", tenant=elsewhere.slug)).address == "/tickets"
    assert f"The {elsewhere.slug}" in mine.page.says
    await mine.open("/account")
    assert (await mine.send("/account/tenant", tenant="platform-unknown")).status == 404


async def test_the_log_and_the_audit_tell_what_was_done(house: House, company: Company, browser: NewBrowser) -> None:
    client, admin = browser(), browser()
    person = await company.register()
    await client.log_in(person.email, PASSWORD)
    assert "Logged in" in (await client.open("/account/log")).says
    assert (await client.open("/audit")).status == 403
    await admin.log_in(company.admin.email, PASSWORD)
    audit = await admin.open("/audit?check=true")
    chain = (await company.admin.http.get("/audit/chain")).json()
    assert chain["broken"] is None
    assert "as they were written" in audit.says
    assert "Registered" in audit.says
    assert "Registered" not in (await admin.open("/audit?area=permission")).says


async def _ticket_of(house: House, company: Company) -> UUID:
    customer = await company.customer()
    tenant_id, who = UUID(company.admin.me["tenant"]["id"]), UUID(company.admin.id)
    ticket = Ticket(
        tenant_id=tenant_id,
        number="TCK-1",
        version=1,
        subject="Elsewhere",
        customer_id=UUID(customer["id"]),
        requester_id=who,
        status_since=datetime.now(UTC),
    )
    async with house.database.transaction(tenant_id) as session:
        session.add(ticket)
    return ticket.id


async def test_a_link_into_another_house_asks_to_go_there(house: House, company: Company, browser: NewBrowser) -> None:
    other, strangers = await house.tenant(), await house.tenant()
    person = await company.member("agent")
    invited = {"email": person.email, "full_name": "B", "roles": ["agent"]}
    assert (await other.admin.http.post("/users", json=invited)).status_code == 201
    await house.accept(person.email)
    mine = browser()
    await mine.log_in(person.email, PASSWORD)

    not_theirs = await mine.open(f"/tickets/{await _ticket_of(house, strangers)}")
    assert (not_theirs.status, "belong to" in not_theirs.says) == (404, False)
    ticket = f"/tickets/{await _ticket_of(house, other)}"
    asked = await mine.open(ticket)
    assert (asked.status, "belong to" in asked.says, "Elsewhere" in asked.says) == (404, True, False)
    there = await mine.send("/account/tenant", tenant=other.slug)
    assert (there.status, "Elsewhere" in there.says) == (200, True)
