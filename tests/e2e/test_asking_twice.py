"""Sending a request twice with one idempotency key: the same answer, and it is carried out once."""

import asyncio

import httpx2

from tests.e2e.desk import assert_problem, kinds, new_key, open_ticket, read, settled


async def test_the_same_key_and_body_give_the_same_ticket(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    body, headers = {"subject": "Once", "body": "Only."}, {"Idempotency-Key": new_key()}
    first = await customer.post("tickets", json=body, headers=headers)
    second = await customer.post("tickets", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json() == first.json()
    assert await kinds(agent, first.json()) == ["opened"]


async def test_a_key_may_be_any_word(customer: httpx2.AsyncClient) -> None:
    body, headers = {"subject": "Once", "body": "Only."}, {"Idempotency-Key": "order-4711/" + new_key()}
    first = await customer.post("tickets", json=body, headers=headers)
    second = await customer.post("tickets", json=body, headers=headers)
    assert (second.status_code, second.json()["id"]) == (201, first.json()["id"])


async def test_the_same_key_makes_one_message_and_one_event(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    path, headers = f"tickets/{ticket['id']}/messages", {"Idempotency-Key": new_key()}
    answers = [await agent.post(path, json={"body": "Coming"}, headers=headers) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert answers[0].json() == answers[1].json() == answers[2].json()
    assert await kinds(agent, ticket) == ["opened", "agent_replied"]
    assert (await read(agent, path, count=True))["total"] == 2


async def test_the_same_key_for_something_else_is_refused(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    headers = {"Idempotency-Key": new_key()}
    path, body = f"tickets/{ticket['id']}/priority", {"priority": "high"}
    assert (await agent.post(path, json=body, headers=headers)).status_code == 200

    assert_problem(
        await agent.post(path, json={"priority": "low"}, headers=headers),
        422,
        "idempotency_mismatch",
        "Idempotency-Key",
    )
    assert await kinds(agent, ticket) == ["opened", "priority_changed"]


async def test_a_key_is_its_owners_alone_and_for_one_route(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient, other_customer: httpx2.AsyncClient
) -> None:
    body, headers = {"subject": "Mine", "body": "Mine."}, {"Idempotency-Key": "order-1"}
    mine = await customer.post("tickets", json=body, headers=headers)
    others = await other_customer.post("tickets", json=body, headers=headers)
    assert (mine.status_code, others.status_code) == (201, 201)
    assert mine.json()["id"] != others.json()["id"]
    path = f"tickets/{mine.json()['id']}"
    assert (await agent.post(f"{path}/priority", json={"priority": "high"}, headers=headers)).status_code == 200
    assert (await agent.post(f"{path}/close", headers=headers)).status_code == 200
    assert await kinds(agent, mine.json()) == ["opened", "priority_changed", "closed"]


async def test_no_key_is_the_id_of_a_command(customer: httpx2.AsyncClient) -> None:
    key = new_key()
    opened = await customer.post("tickets", json={"subject": "a", "body": "b"}, headers={"Idempotency-Key": key})
    assert opened.headers["Command-Id"] != key
    assert_problem(await customer.get(f"commands/{key}"), 404, "not_found")


async def test_the_same_key_in_another_tenant_is_another_request(
    customer: httpx2.AsyncClient, foreign_customer: httpx2.AsyncClient
) -> None:
    body, headers = {"subject": "Twice", "body": "Indeed."}, {"Idempotency-Key": new_key()}
    ours = await customer.post("tickets", json=body, headers=headers)
    theirs = await foreign_customer.post("tickets", json=body, headers=headers)
    assert (ours.status_code, theirs.status_code) == (201, 201)
    assert ours.json()["id"] != theirs.json()["id"]


async def test_fifty_at_once_with_one_key_open_one_ticket(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    key = new_key()
    body, headers = {"subject": f"Fifty times {key}", "body": "At once."}, {"Idempotency-Key": key}
    answers = await asyncio.gather(*(customer.post("tickets", json=body, headers=headers) for _ in range(50)))

    assert {answer.status_code for answer in answers} <= {201, 202}, [answer.text for answer in answers]
    assert (await settled(customer, answers[0].headers["Command-Id"]))["status"] == "done"
    page = await read(agent, "tickets", q=key, count=True)
    assert page["total"] == 1
    [ticket] = page["items"]
    told = {answer.json()["id"] if answer.status_code == 201 else answer.json()["case_id"] for answer in answers}
    assert told == {ticket["id"]}
    assert await kinds(agent, ticket) == ["opened"]
    assert (await read(agent, f"tickets/{ticket['id']}/messages", count=True))["total"] == 1
