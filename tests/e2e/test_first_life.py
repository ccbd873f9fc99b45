"""The life of a ticket over HTTP, as the customer and the staff see it."""

import re
from datetime import datetime
from typing import Any
from uuid import uuid4

import httpx2

from tests.e2e.desk import do, mailed, open_ticket, read, ticket_as_read, timeline
from tests.stack.people import People


async def test_a_customer_opens_a_ticket_and_learns_its_number_and_due_times(customer: httpx2.AsyncClient) -> None:
    answer = await customer.post("tickets", json={"subject": "  No heating  ", "body": "Since Monday."})

    assert answer.status_code == 201
    ticket = answer.json()
    assert re.fullmatch(r"TCK-\d{8}-\d{5}", ticket["number"])
    assert (ticket["subject"], ticket["status"], ticket["priority"]) == ("No heating", "open", "medium")
    created, first_response, resolution = (
        datetime.fromisoformat(ticket[name]) for name in ("created_at", "first_response_due_at", "resolution_due_at")
    )
    assert created < first_response < resolution
    assert ticket["version"] == 1
    assert answer.headers["etag"] == '"1"'
    assert await ticket_as_read(customer, ticket) == ticket


async def test_a_ticket_is_found_in_the_list_by_number_subject_status_and_date(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, subject="A 100% strange_subject", priority="high")

    for filters in (
        {"q": ticket["number"]},
        {"q": "100% strange_"},
        {"status": ["open"], "priority": ["high"], "customer_id": ticket["customer_id"]},
        {"created_from": ticket["created_at"]},
    ):
        page = await read(agent, "tickets", **filters)
        assert ticket in page["items"], filters
    assert ticket not in (await read(agent, "tickets", created_to=ticket["created_at"]))["items"]
    assert ticket not in (await read(agent, "tickets", breached=True))["items"]


async def test_a_list_is_read_to_its_end_page_by_page(customer: httpx2.AsyncClient, agent: httpx2.AsyncClient) -> None:
    made = [(await open_ticket(customer, subject="One of five in a row"))["number"] for _ in range(5)]
    seen: list[str] = []
    cursor = None
    while cursor or not seen:
        given = {"cursor": cursor} if cursor else {}
        page = await read(agent, "tickets", q="One of five", limit=2, sort="created_at", count=True, **given)
        assert page["total"] == 5
        seen += [ticket["number"] for ticket in page["items"]]
        cursor = page["next_cursor"]
    assert seen == made


async def test_a_whole_life_leaves_a_timeline_without_a_gap(
    people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)

    reply = await do(agent, ticket, "messages", body="Have you tried water?")
    answered = await ticket_as_read(customer, ticket)
    assert answered["status"] == "answered"
    assert answered["first_responded_at"] == reply["posted_at"]
    [mail] = await mailed(people, ticket, "Answer this mail")
    assert mail["recipients"] == ["client@globex.example"]

    await do(customer, ticket, "messages", body="It burns brighter now.")
    assert (await ticket_as_read(customer, ticket))["status"] == "open"

    assert (await do(agent, ticket, "assign", assignee_id=reply["author_id"]))["assignee_id"] == reply["author_id"]
    urgent = await do(agent, ticket, "priority", priority="urgent")
    assert urgent["resolution_due_at"] < ticket["resolution_due_at"]
    assert (await do(agent, ticket, "status", status="in_progress", reason="On my way"))["status"] == "in_progress"
    resolved = await do(agent, ticket, "status", status="resolved")
    assert resolved["resolved_at"]
    assert (await do(agent, ticket, "close"))["closed_at"]
    reopened = await do(agent, ticket, "reopen", reason="It smoulders")
    assert (reopened["status"], reopened["resolved_at"], reopened["closed_at"]) == ("open", None, None)

    events = await timeline(agent, ticket)
    assert [event["kind"] for event in events] == [
        "opened",
        "agent_replied",
        "customer_replied",
        "assigned",
        "priority_changed",
        "status_changed",
        "status_changed",
        "closed",
        "reopened",
    ]
    assert [event["version"] for event in events] == list(range(1, 10))
    assert events[5]["reason"] == "On my way"
    assert [event["at"] for event in events] == sorted(event["at"] for event in events)
    assert reopened["version"] == 9


async def test_messages_are_read_in_the_order_in_which_they_were_written(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, body="First")
    await do(agent, ticket, "messages", body="Second")
    await do(customer, ticket, "messages", body="Third")

    page = await read(customer, f"tickets/{ticket['id']}/messages")
    assert [(message["body"], message["from_customer"]) for message in page["items"]] == [
        ("First", True),
        ("Second", False),
        ("Third", True),
    ]


async def test_the_service_level_says_in_words_why_a_clock_is_due_when_it_is(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, priority="urgent")

    clocks = {clock["clock"]: clock for clock in await read(customer, f"tickets/{ticket['id']}/sla")}
    assert {name: clock["state"] for name, clock in clocks.items()} == {
        "first_response": "running",
        "next_response": "not_started",
        "resolution": "running",
    }
    assert clocks["first_response"]["due_at"] == ticket["first_response_due_at"]
    assert clocks["first_response"]["target_minutes"] == 30
    assert clocks["first_response"]["sentence"].startswith("Due ")

    await do(agent, ticket, "messages", body="What do you see?", status="waiting_for_response")
    clocks = {clock["clock"]: clock for clock in await read(customer, f"tickets/{ticket['id']}/sla")}
    assert clocks["first_response"]["state"] == "met"
    assert clocks["resolution"]["state"] == "paused"


async def test_the_category_and_subject_can_be_edited(customer: httpx2.AsyncClient, agent: httpx2.AsyncClient) -> None:
    ticket = await open_ticket(customer)
    [general] = (await read(agent, "categories"))["items"]

    answer = await agent.patch(f"tickets/{ticket['id']}", json={"subject": "Fire", "category_id": general["id"]})
    assert answer.status_code == 200, answer.text
    edited = await ticket_as_read(customer, ticket)
    assert (edited["subject"], edited["category_id"]) == ("Fire", general["id"])


async def test_a_correlation_id_is_carried_from_the_request_to_the_timeline(
    customer: httpx2.AsyncClient,
) -> None:
    ident = str(uuid4())
    body = {"subject": "Traced", "body": "Follow me."}
    answer = await customer.post("tickets", json=body, headers={"X-Correlation-Id": ident})

    assert answer.headers["x-correlation-id"] == ident
    assert [event["correlation_id"] for event in await timeline(customer, answer.json())] == [ident]


async def test_what_a_ticket_was_opened_with_is_there_for_who_asks(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, body="It hums at night.")
    await do(agent, ticket, "messages", body="Which one?")
    assert (await ticket_as_read(customer, ticket))["body"] is None
    one = await customer.get(f"tickets/{ticket['id']}", params={"include": "body"})
    assert (one.json()["body"], one.headers["etag"]) == ("It hums at night.", '"2"')
    page = await read(agent, "tickets", q=ticket["number"], include="body")
    assert [each["body"] for each in page["items"]] == ["It hums at night."]


async def test_a_customer_who_needs_no_answer_any_more_closes_the_ticket(
    customer: httpx2.AsyncClient, other_customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    assert (await other_customer.post(f"tickets/{ticket['id']}/close")).status_code == 404
    closed = await do(customer, ticket, "close", reason="It works again.")
    assert (closed["status"], closed["closed_at"] is not None) == ("closed", True)
    last = (await timeline(agent, ticket))[-1]
    assert (last["kind"], last["reason"], last["actor"]["id"]) == ("closed", "It works again.", ticket["requester_id"])
    assert (await customer.post(f"tickets/{ticket['id']}/close")).status_code == 409


async def test_what_is_due_and_what_has_changed_is_found(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    calm, urgent = [await open_ticket(customer, subject="Due or not", priority=each) for each in ("low", "urgent")]
    assert urgent["due_at"] == urgent["first_response_due_at"]
    ours: dict[str, Any] = {"q": "Due or not", "sort": "due_at"}
    assert [each["id"] for each in (await read(agent, "tickets", **ours))["items"]] == [urgent["id"], calm["id"]]
    soon = await read(agent, "tickets", **ours, due_before=calm["due_at"])
    assert [each["id"] for each in soon["items"]] == [urgent["id"]]

    me = (await read(agent, "me"))["user"]["id"]
    taken = await do(agent, calm, "assign", assignee_id=me)
    free = await read(agent, "tickets", **ours, unassigned=True)
    assert [each["id"] for each in free["items"]] == [urgent["id"]]
    fresh = await read(agent, "tickets", **ours, updated_since=taken["updated_at"])
    assert [each["id"] for each in fresh["items"]] == [calm["id"]]

    resolved = await do(agent, urgent, "status", status="resolved")
    assert resolved["due_at"] is None
    assert [each["id"] for each in (await read(agent, "tickets", **ours))["items"]] == [calm["id"]]
