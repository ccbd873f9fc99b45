"""What the rules refuse: with a stable code, leaving the ticket as it was, and the command says so too."""

from typing import Any

import httpx2
import pytest

from tests.e2e.desk import Json, assert_problem, do, new_key, open_ticket, read, ticket_as_read, timeline

CLOSED = (("close", {}),)
RESOLVED = (("status", {"status": "resolved"}),)

REFUSED = [
    pytest.param(CLOSED, "messages", {"body": "Hello?"}, "ticket_closed", id="a reply to a closed ticket"),
    pytest.param(CLOSED, "status", {"status": "in_progress"}, "ticket_closed", id="a state of a closed ticket"),
    pytest.param(CLOSED, "priority", {"priority": "high"}, "ticket_closed", id="the priority of a closed ticket"),
    pytest.param(CLOSED, "assign", {"assignee_id": None}, "ticket_closed", id="assigning a closed ticket"),
    pytest.param(CLOSED, "transfer", {"group_id": None}, "ticket_closed", id="transferring a closed ticket"),
    pytest.param(CLOSED, "close", {}, "ticket_closed", id="closing twice"),
    pytest.param(RESOLVED, "status", {"status": "on_hold"}, "transition_not_allowed", id="holding a resolved ticket"),
    pytest.param((), "status", {"status": "open"}, "transition_not_allowed", id="opening an open ticket"),
    pytest.param((), "priority", {"priority": "medium"}, "nothing_changes", id="the priority it has"),
    pytest.param((), "assign", {"assignee_id": None}, "nothing_changes", id="the assignee it has"),
    pytest.param((), "transfer", {"group_id": None}, "nothing_changes", id="the group it has"),
    pytest.param((), "reopen", {"reason": "Again"}, "not_resolved", id="reopening an open ticket"),
]


@pytest.mark.parametrize(("before", "deed", "body", "code"), REFUSED)
async def test_what_the_rules_forbid_is_refused_and_changes_nothing(
    customer: httpx2.AsyncClient,
    agent: httpx2.AsyncClient,
    before: tuple[tuple[str, Json], ...],
    deed: str,
    body: dict[str, Any],
    code: str,
) -> None:
    ticket = await open_ticket(customer)
    for earlier, given in before:
        await do(agent, ticket, earlier, **given)
    was, story = await ticket_as_read(agent, ticket), await timeline(agent, ticket)

    answer = await agent.post(f"tickets/{ticket['id']}/{deed}", json=body)

    assert_problem(answer, 409, code)
    assert await ticket_as_read(agent, ticket) == was
    assert await timeline(agent, ticket) == story


async def test_a_refused_command_says_so_and_stays_refused(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    key = new_key()
    path, body = f"tickets/{ticket['id']}/priority", {"priority": "medium"}
    refused = await agent.post(path, json=body, headers={"Idempotency-Key": key})
    assert_problem(refused, 409, "nothing_changes")

    command = await read(agent, f"commands/{refused.headers['Command-Id']}")
    assert (command["status"], command["code"]) == ("refused", "nothing_changes")
    assert command["settled_at"]

    # What was refused once is not taken under the same key when the rules would allow it by now.
    await do(agent, ticket, "priority", priority="high")
    assert_problem(await agent.post(path, json=body, headers={"Idempotency-Key": key}), 409, "nothing_changes")
    assert (await ticket_as_read(agent, ticket))["priority"] == "high"


async def test_a_customers_reply_to_a_closed_ticket_is_refused_and_not_kept(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    await do(agent, ticket, "close")

    assert_problem(
        await customer.post(f"tickets/{ticket['id']}/messages", json={"body": "Wait!"}), 409, "ticket_closed"
    )
    messages = await read(agent, f"tickets/{ticket['id']}/messages", count=True)
    assert messages["total"] == 1


async def test_a_version_that_was_read_before_somebody_elses_change_is_refused(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    path = f"tickets/{ticket['id']}/priority"
    changed = await agent.post(path, json={"priority": "high"}, headers={"If-Match": '"1"'})
    assert (changed.status_code, changed.headers["etag"]) == (200, '"2"')

    assert_problem(
        await agent.post(path, json={"priority": "low"}, headers={"If-Match": '"1"'}), 412, "version_mismatch"
    )
    assert (await ticket_as_read(agent, ticket))["priority"] == "high"
    again = await agent.post(path, json={"priority": "low"}, headers={"If-Match": changed.headers["etag"]})
    assert again.status_code == 200
    anyhow = await agent.post(path, json={"priority": "high"}, headers={"If-Match": "*"})
    assert anyhow.status_code == 200


async def test_content_is_changed_of_the_version_that_was_read_too(
    customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, subject="As it was")
    path = f"tickets/{ticket['id']}"
    stale = await agent.patch(path, json={"subject": "Not this"}, headers={"If-Match": '"7"'})
    assert_problem(stale, 412, "version_mismatch")
    assert (await ticket_as_read(agent, ticket))["subject"] == "As it was"
    fresh = await agent.patch(path, json={"subject": "But this"}, headers={"If-Match": '"1"'})
    assert (fresh.status_code, fresh.json()["subject"]) == (200, "But this")
