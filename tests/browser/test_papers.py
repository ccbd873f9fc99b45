"""A company hands in its papers on a phone; one is rejected and replaced, two people approve, and it is a customer."""

import re
from uuid import uuid4

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Sit, log_in
from tests.browser.hands import HANDS, Hands
from tests.browser.test_tickets import photo
from tests.e2e.desk import token_mailed_to
from tests.e2e.kyc_desk import new_customer, submitted
from tests.stack.people import People
from tests.web.visitor import PASSWORD

PAPERS = {
    "company_registration": "Company registration",
    "tax_certificate": "Tax certificate",
    "identity": "Proof of identity",
}
CUT_OFF = "The lower edge is cut off."


async def hand_in(client: Page, hands: Hands, name: str) -> None:
    """The next document that is asked for, on its own page."""
    await hands.press(client.get_by_role("link", name=f"Hand in: {PAPERS[name]}"))
    await expect(client.locator("h1")).to_have_text(PAPERS[name])
    if name == "identity":
        await hands.pick(client.get_by_label("Which document"), "Passport")
    await hands.give(client.locator("input[type=file]"), photo())
    await hands.fill(client.get_by_label("Its number"), "X-1")
    await hands.fill(client.get_by_label("Valid until"), "2040-01-01")
    await hands.fill(client.get_by_label("Issued in"), "DZ")
    await hands.press(client.get_by_role("button", name="Keep this document"))
    await expect(client.locator(".todo li", has_text=PAPERS[name])).to_contain_text("Handed in")


async def hand_all_in(client: Page, hands: Hands) -> None:
    await hands.press(client.get_by_role("link", name="Check what you gave", exact=True))
    await hands.press(client.get_by_role("button", name="Hand it all in"))
    await expect(client.locator(".titled")).to_contain_text("We look at what you have handed in.")


async def decide(reviewer: Page, hands: Hands, address: str, decision: str, rejected: str = "") -> None:
    """Looks at each paper, says what becomes of it, and decides about all of them."""
    await reviewer.goto(address)
    for line in await reviewer.locator(".verdicts > li").all():
        is_rejected = bool(rejected) and rejected in await line.inner_text()
        await hands.choose(line.get_by_role("radio", name="Reject" if is_rejected else "Approve"))
        if is_rejected:
            await hands.fill(line.locator("textarea"), CUT_OFF)
    await hands.choose(reviewer.locator(f"input[name=decision][value={decision}]"))
    if decision != "approve":
        await hands.fill(reviewer.locator("#f-reason"), "Once more, please.")
    await hands.press(reviewer.get_by_role("button", name=re.compile("^Decide so")))


@pytest.mark.parametrize("by", ["by keyboard", "without scripts"])
async def test_a_company_becomes_a_customer(sit: Sit, people: People, by: str) -> None:
    hands, email = HANDS[by], f"owner-{uuid4().hex[:12]}@people.example"
    admin = await people.log_in("admin@acme.example")
    name = f"Bakers {uuid4().hex[:8]}"
    customer = await new_customer(admin, type="corporate", name=name, company_name=name)
    invited = {"email": email, "full_name": "Olga Owner", "roles": ["client"], "customer_id": customer["id"]}
    assert (await admin.post("users", json=invited)).status_code == 201
    client = await sit(width=390, java_script_enabled=hands.run_scripts)
    await client.goto(f"/invitation?token={await token_mailed_to(people, email)}")
    await hands.fill(client.get_by_label("Password"), PASSWORD)
    await hands.press(client.get_by_role("button", name="Accept the invitation"))
    await client.wait_for_url("**/well/joined")
    await log_in(client, email)
    await client.goto("/kyc")
    for paper in PAPERS:
        await hand_in(client, hands, paper)
    await hand_all_in(client, hands)

    check = (await admin.get(f"customers/{customer['id']}/kyc")).json()
    # Whose risk is high takes two people.
    risky = {"risk": "high", "reason": "A new company"}
    assert (await admin.post(f"customers/{customer['id']}/kyc/risk", json=risky)).status_code == 200
    reviewer = await sit("reviewer@acme.example", java_script_enabled=hands.run_scripts)
    await reviewer.goto("/inbox")
    await hands.press(reviewer.locator("tr", has_text=check["number"]).get_by_role("link"))
    await hands.press(reviewer.get_by_role("button", name=re.compile("^Take it")))
    await expect(reviewer.locator(".waits")).to_contain_text("You have it.")
    for picture in await reviewer.locator(".paper img").all():
        await picture.scroll_into_view_if_needed()
        await expect(picture).not_to_have_js_property("naturalWidth", 0)
    await decide(reviewer, hands, reviewer.url, "request_changes", rejected="Passport")
    await expect(reviewer.locator(".waits")).to_contain_text("Changes were asked for.")

    await hands.look_again(client)
    await expect(client.locator(".titled")).to_contain_text("Something has to be replaced.")
    await expect(client.locator(".todo")).to_contain_text(CUT_OFF)
    await hand_in(client, hands, "identity")
    await hand_all_in(client, hands)

    second = await sit("reviewer2@acme.example", java_script_enabled=hands.run_scripts)
    await second.goto("/inbox")
    await hands.press(second.locator("tr", has_text=check["number"]).get_by_role("link"))
    await expect(second.locator("#decide")).to_be_attached()
    address = second.url
    await decide(reviewer, hands, address, "approve")
    await expect(reviewer.locator(".waits")).to_contain_text("1 of 2 approvals given.")
    await expect(reviewer.locator("input[name=decision][value=approve]")).to_be_disabled()
    await hands.look_again(second)
    # The page was open already: what the other decided stands there, and what it has been begun with stays.
    await expect(second.locator(".waits")).to_contain_text("1 of 2 approvals given.")
    await decide(second, hands, address, "approve")
    await expect(second.locator(".waits")).to_contain_text("Approved.")
    await hands.look_again(client)
    await expect(client.locator(".titled")).to_contain_text("All is approved; nothing is left to do.")

    manager = await sit("manager@acme.example", java_script_enabled=hands.run_scripts)
    await manager.goto(f"/customers/{customer['id']}")
    await hands.press(manager.get_by_role("button", name="Make it active"))
    await expect(manager.locator(".titled .state")).to_have_text("Active")
    own = (await admin.get(f"customers/{customer['id']}")).json()
    assert (own["status"], own["kyc_status"]) == ("active", "approved")


async def test_who_handed_in_cannot_approve(sit: Sit, people: People) -> None:
    admin = await people.log_in("admin@acme.example")
    task = await submitted(admin)
    page = await sit("admin@acme.example")
    await page.goto(f"/inbox/{task['id']}")
    await expect(page.locator(".waits")).to_contain_text("You cannot approve it: it is your own affair")
    await expect(page.locator("input[name=decision][value=approve]")).to_be_disabled()
