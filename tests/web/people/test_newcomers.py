"""The pages of registering, confirming, forgetting and being invited; every link comes from a real mail."""

import re

from tests.api.house import PASSWORD, Company, House
from tests.stack.mails import text_of
from tests.web.people.conftest import NewBrowser

ANOTHER = "Second-Pass-2026"


async def link_to(house: House, email: str, page: str) -> str:
    """The path of the link in the newest mail to somebody."""
    text = text_of((await house.mails_to(email))[-1])
    found = re.search(rf"http://here(/{page}\?token=\S+)", text)
    assert found, text
    return found[1]


async def test_one_registers_and_confirms_by_a_button(house: House, company: Company, browser: NewBrowser) -> None:
    email, visitor = house.new_email("anna"), browser()
    await visitor.open(f"/register?tenant={company.slug}")

    weak = await visitor.send("/register", full_name="Anna", email=email, password="short")
    assert (weak.status, weak.faults()) == (422, {"password"})
    assert email in weak.text
    said = await visitor.send("/register", full_name="Anna", email=email, password=PASSWORD)
    assert said.address == "/well/registered"
    again = browser()
    await again.open(f"/register?tenant={company.slug}")
    assert (await again.send("/register", full_name="X", email=email, password=PASSWORD)).says == said.says

    await house.deliver()
    mails = await house.mails_to(email)
    link = next(found[1] for mail in mails if (found := re.search(r"http://here(/verify\S+)", text_of(mail))))
    for _ in range(3):
        await browser().open(link)
    await visitor.open(link)
    assert (await visitor.send("/verify")).address == "/well/confirmed"
    await visitor.open(link)
    used = await visitor.send("/verify")
    assert (used.status, used.faults()) == (422, {"token"})
    assert (await visitor.log_in(email, PASSWORD)).address == "/"


async def test_a_forgotten_password_is_set_by_the_link(house: House, company: Company, browser: NewBrowser) -> None:
    person, visitor, stranger = await company.register(), browser(), browser()
    for asks, email in ((visitor, person.email), (stranger, house.new_email("nobody"))):
        await asks.open("/reset")
        await asks.send("/reset", email=email)
    assert visitor.page.says == stranger.page.says

    await visitor.open(await link_to(house, person.email, "reset"))
    assert (await visitor.send("/reset/password", password=PASSWORD)).faults() == {"password"}
    assert (await visitor.send("/reset/password", password=ANOTHER)).address == "/well/reset"
    assert (await person.http.get("/me")).status_code == 401
    assert (await visitor.log_in(person.email, ANOTHER)).address == "/"


async def test_who_is_invited_says_what_they_are_called(house: House, company: Company, browser: NewBrowser) -> None:
    email, visitor = house.new_email("guest"), browser()
    invited = {"email": email, "full_name": "G. Uest", "roles": ["agent"]}
    assert (await company.admin.http.post("/users", json=invited)).status_code == 201

    await visitor.open(await link_to(house, email, "invitation"))
    assert (await visitor.send("/invitation", full_name="Gerda Uest", password=PASSWORD)).address == "/well/joined"
    assert (await house.log_in(email)).me["user"]["full_name"] == "Gerda Uest"


async def test_what_others_make_a_browser_send_is_not_done(company: Company, browser: NewBrowser) -> None:
    visitor, person = browser(), await company.register()
    await visitor.open("/reset")
    visitor.http.headers["Sec-Fetch-Site"] = "cross-site"
    refused = await visitor.send("/reset", email=person.email)
    assert refused.status == 403
    assert person.email in refused.text
    assert [mail["Subject"] for mail in await company.house.mails_to(person.email)] == ["Confirm your e-mail address"]
