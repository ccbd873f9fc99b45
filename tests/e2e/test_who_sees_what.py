"""Who sees what: what belongs to another customer or tenant is not there, and a note is for staff."""

import httpx2
import pytest

from tests.e2e.desk import assert_problem, do, kinds, mails, new_key, open_ticket, read, ticket_as_read
from tests.stack.people import People

READS = ("", "/messages", "/timeline", "/sla")
DEEDS = {
    "messages": {"body": "Let me in"},
    "status": {"status": "resolved"},
    "assign": {"assignee_id": None},
    "transfer": {"group_id": None},
    "priority": {"priority": "urgent"},
    "close": {},
    "reopen": {"reason": "Mine"},
}


async def test_without_a_token_nothing_is_told(people: People, customer: httpx2.AsyncClient) -> None:
    ticket = await open_ticket(customer)
    for path in ("tickets", *(f"tickets/{ticket['id']}{part}" for part in READS), f"commands/{new_key()}"):
        assert_problem(await people.nobody.get(path), 401, "unauthenticated")
    for deed, body in DEEDS.items():
        assert_problem(await people.nobody.post(f"tickets/{ticket['id']}/{deed}", json=body), 401, "unauthenticated")
    forged = {"Authorization": "Bearer e30.e30.e30"}
    assert_problem(await people.nobody.get("tickets", headers=forged), 401, "unauthenticated")


@pytest.mark.parametrize(
    ("email", "password"), [("client@globex.example", "wrong"), ("nobody@globex.example", "Casewright-demo-2026!")]
)
async def test_a_wrong_login_does_not_say_what_was_wrong(people: People, email: str, password: str) -> None:
    answer = await people.nobody.post("auth/login", json={"email": email, "password": password})
    assert_problem(answer, 401, "login_refused")


async def test_another_tenant_finds_no_such_ticket(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, foreign_agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, subject="Only for globex")
    for part in READS:
        assert_problem(await foreign_agent.get(f"tickets/{ticket['id']}{part}"), 404, "not_found")
    for deed, body in DEEDS.items():
        assert_problem(await foreign_agent.post(f"tickets/{ticket['id']}/{deed}", json=body), 404, "not_found")
    assert_problem(await foreign_agent.patch(f"tickets/{ticket['id']}", json={"subject": "Ours"}), 404, "not_found")
    assert (await read(foreign_agent, "tickets", q="Only for globex", count=True))["total"] == 0
    assert await kinds(agent, ticket) == ["opened"]


async def test_another_customer_finds_no_such_ticket(
    customer: httpx2.AsyncClient, other_customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, subject="Only for the first client")
    for part in READS:
        assert_problem(await other_customer.get(f"tickets/{ticket['id']}{part}"), 404, "not_found")
    answer = await other_customer.post(f"tickets/{ticket['id']}/messages", json={"body": "Let me in"})
    assert_problem(answer, 404, "not_found")
    assert (await read(other_customer, "tickets", q="first client", count=True))["total"] == 0
    everything = await read(other_customer, "tickets", customer_id=ticket["customer_id"], count=True)
    assert everything["total"] == 0
    assert await kinds(agent, ticket) == ["opened"]


async def test_a_customer_opens_for_nobody_else(
    customer: httpx2.AsyncClient, other_customer: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    body = {"subject": "For them", "body": "Surprise", "customer_id": ticket["customer_id"]}
    assert_problem(await other_customer.post("tickets", json=body), 422, "unknown", "customer_id")


async def test_staff_open_a_ticket_for_a_customer_who_then_sees_it(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    own = await open_ticket(customer)
    for_them = await open_ticket(agent, subject="You called us", customer_id=own["customer_id"])
    assert for_them["requester_id"] == own["requester_id"]
    assert await ticket_as_read(customer, for_them) == for_them


async def test_what_is_for_staff_is_forbidden_to_a_customer(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    for deed, body in DEEDS.items():
        if deed not in ("messages", "close"):
            assert_problem(await customer.post(f"tickets/{ticket['id']}/{deed}", json=body), 403, "forbidden")
    for words in ({"internal": True}, {"status": "resolved"}):
        answer = await customer.post(f"tickets/{ticket['id']}/messages", json={"body": "Psst", **words})
        assert_problem(answer, 403, "forbidden")
    assert_problem(await customer.patch(f"tickets/{ticket['id']}", json={"subject": "Mine"}), 403, "forbidden")
    for path in ("groups", "sla-policies", "calendars"):
        assert_problem(await customer.get(path), 403, "forbidden")
    assert await kinds(agent, ticket) == ["opened"]


async def test_a_customer_never_learns_of_an_internal_note(
    people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    note = await do(agent, ticket, "messages", body="He does this every week", internal=True)
    reply = await do(agent, ticket, "messages", body="We are on our way")

    for_staff = await read(agent, f"tickets/{ticket['id']}/messages", count=True)
    assert note in for_staff["items"]
    assert for_staff["total"] == 3
    for_customer = await read(customer, f"tickets/{ticket['id']}/messages", count=True)
    assert note not in for_customer["items"]
    assert reply in for_customer["items"]
    assert for_customer["total"] == 2
    assert "note_added" in await kinds(agent, ticket)
    assert await kinds(customer, ticket) == ["opened", "agent_replied"]
    for words in ("every week", "He does"):
        assert (await read(customer, "tickets", q=words, count=True))["total"] == 0
    assert not [mail for mail in await mails(people, ticket) if "every week" in mail["text"] + mail["subject"]]


async def test_a_command_is_shown_to_its_author_and_to_staff(
    customer: httpx2.AsyncClient,
    other_customer: httpx2.AsyncClient,
    agent: httpx2.AsyncClient,
    foreign_agent: httpx2.AsyncClient,
) -> None:
    opened = await customer.post("tickets", json={"subject": "Whose command?", "body": "Mine."})
    key = opened.headers["Command-Id"]

    for reader in (customer, agent):
        command = await read(reader, f"commands/{key}")
        assert (command["id"], command["kind"], command["status"]) == (key, "ticket.open", "done")
    for stranger in (other_customer, foreign_agent):
        assert_problem(await stranger.get(f"commands/{key}"), 404, "not_found")
