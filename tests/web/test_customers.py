"""Customers, what waits and finding, in browsers that run no scripts."""

from uuid import uuid4

from domain.cases import CaseKind
from tests.e2e import kyc_desk
from tests.stack.people import People
from tests.web.conftest import Arrive
from tests.web.visitor import Page, Visitor
from web.cases.words import STEPS, step


async def entered(staff: Visitor, name: str, **more: str) -> Page:
    page = await staff.open("/customers/new")
    return await staff.send(page, "/customers/new", type="individual", name=name, **more)


async def test_a_customer_from_its_entry_to_its_end(arrive: Arrive, people: People) -> None:
    manager, name = await arrive("manager@acme.example"), f"Samia {uuid4()}"
    page = await entered(manager, name, email="samia@people.example", country="DZ")
    customer_id = page.address.rpartition("/")[2]
    assert page.one("h1") == name
    assert "Not active yet" in page.text
    assert "Possible once its identity is approved." in page.text
    refused = await manager.send(page, "/activate")
    assert refused.status == 409
    assert "Not done." in refused.text
    api = await people.log_in("manager@acme.example")
    same = await api.post(f"customers/{customer_id}/activate", headers={"Idempotency-Key": str(uuid4())})
    assert (same.status_code, same.json()["code"]) == (409, "kyc_incomplete")
    assert same.json()["detail"] in refused.text
    page = await manager.open(f"/customers/{customer_id}/edit")
    page = await manager.send(page, "/edit", name=f"{name} Haddad", phone="+213 21 00 00 00", country="")
    assert page.one("h1") == f"{name} Haddad"
    assert "+213 21 00 00 00" in page.text
    wrong = await manager.send(await manager.open(f"/customers/{customer_id}/edit"), "/edit", country="Algeria")
    assert wrong.status == 422
    assert wrong.value("/edit", "country") == "Algeria"
    assert "#f-country" in [link.get("href") for link in wrong.tree.cssselect(".errors a")]
    found = await manager.open(f"/customers?q={name.replace(' ', '+')}&status=pending&kyc_status=none")
    assert f"{name} Haddad" in found.text
    page = await manager.send(await manager.open(f"/customers/{customer_id}"), "/end")
    assert "Ended" in page.text


async def test_a_story_says_in_sentences_what_happened(arrive: Arrive) -> None:
    client, agent, subject = await arrive("client@acme.example"), await arrive("agent@acme.example"), f"Cold {uuid4()}"
    asked = await client.send(await client.open("/tickets/new"), "/tickets/new", subject=subject, body="Since today.")
    desk = await agent.open("/customers?q=client@acme.example")
    page = await agent.open(desk.tree.cssselect("td.what a")[0].get("href"))
    assert "A request was sent: Ticket" in page.text
    links = {link.get("href") for link in page.tree.cssselect(".story a")}
    assert asked.address.removeprefix(str(client.client.base_url).rstrip("/")) in links
    assert subject in page.one("#its-cases ~ ul")


def test_every_kind_of_event_has_its_sentence() -> None:
    assert set(STEPS) == set(CaseKind)
    assert step("ticket", "opened") == "A request was sent"
    assert step("quote", "task_claimed") == "Somebody took the task"


async def test_a_ticket_for_a_customer_found_by_name(arrive: Arrive) -> None:
    agent, name = await arrive("agent@acme.example"), f"Found {uuid4()}"
    await entered(agent, name)
    page = await agent.open("/tickets/new")
    assert page.tree.cssselect("[name=customer_id]") == []
    page = await agent.open(f"/tickets/new?customer={name.replace(' ', '+')}")
    assert name in page.one("#choices")
    page = await agent.send(page, "/tickets/new", subject="By phone", body="She called.")
    assert page.one("h1") == "By phone"
    assert name in page.text


async def test_what_waits_is_shown_to_who_looks_after_it(arrive: Arrive) -> None:
    client, manager = await arrive("client@acme.example"), await arrive("manager@acme.example")
    asked = await client.send(await client.open("/tickets/new"), "/tickets/new", subject="Waits", body="Since today.")
    page = await manager.open("/waiting?party=us&kind=ticket")
    addresses = [link.get("href") for link in page.tree.cssselect("td.what a")]
    while following := page.tree.cssselect("nav.pages a[rel=next]"):
        page = await manager.open(following[0].get("href"))
        addresses += [link.get("href") for link in page.tree.cssselect("td.what a")]
    assert asked.address.removeprefix(str(client.client.base_url).rstrip("/")) in addresses
    workflows = [link.get("href") for link in page.tree.cssselect("td a[rel=noreferrer]")]
    assert any("/workflows/ticket%2F" in address for address in workflows)
    agent = await arrive("agent@acme.example")
    assert "/waiting" not in [link.get("href") for link in (await agent.open("/tickets")).tree.cssselect(".rail a")]


async def test_what_is_found_is_what_one_may_see(arrive: Arrive) -> None:
    client, other = await arrive("client@acme.example"), await arrive("client2@acme.example")
    manager, subject = await arrive("manager@acme.example"), f"Strudel {uuid4()}"
    asked = await client.send(await client.open("/tickets/new"), "/tickets/new", subject=subject, body="Since today.")
    address = asked.address.removeprefix(str(client.client.base_url).rstrip("/"))
    for visitor, seen in ((client, True), (other, False), (manager, True)):
        page = await visitor.open(f"/find?q={subject.replace(' ', '+')}")
        assert (address in [link.get("href") for link in page.tree.cssselect("#found a")]) is seen
    assert "Client of Acme" in (await manager.open("/find?q=client+of")).one("#found")
    assert "Client2" not in (await client.open("/find?q=client2")).one("#found")


async def test_staff_see_an_identity_check_and_who_opened_its_documents(arrive: Arrive, people: People) -> None:
    admin, page_of_admin = await people.log_in("admin@acme.example"), await arrive("admin@acme.example")
    customer_id = (await kyc_desk.new_customer(admin))["id"]
    address = f"/customers/{customer_id}/kyc"
    assert "Nothing has been handed in yet." in (await page_of_admin.open(address)).text
    await kyc_desk.hand_in(admin, customer_id, "passport")
    page = await page_of_admin.open(address)
    assert "A document was handed in" in page.one(".story")
    assert "Opened 0 times" in page.text
    download = next(link for link in page.tree.cssselect("a.file") if "/download" in link.get("href"))
    assert (await page_of_admin.client.get(download.get("href"))).content == kyc_desk.PDF
    page = await page_of_admin.open(address)
    assert "Opened once" in page.text
    assert "Admin of Acme downloaded" in page.text
    for words, status in (({"risk": "high"}, 422), ({"risk": "high", "reason": "Lives in two places."}, 200)):
        page = await page_of_admin.send(await page_of_admin.open(address), "/risk", **words)
        assert page.status == status
    assert "It takes two reviewers." in page.text
    assert "Lives in two places." in page.one(".story")
    same = await admin.post(f"customers/{customer_id}/kyc/risk", json={"risk": "high", "reason": "Again."})
    again = await page_of_admin.send(page, "/risk", risk="high", reason="Again.")
    assert (again.status, same.status_code) == (409, 409), same.text
    assert same.json()["detail"] in again.text
    assert again.value("/risk", "reason") == "Again."
    events = (await admin.get(f"customers/{customer_id}/kyc/timeline")).json()["items"]
    assert [event["kind"] for event in events][:2] == ["document_added", "risk_set"]
    # Managers may not read the audit.
    assert "Opened" not in (await (await arrive("manager@acme.example")).open(address)).text
