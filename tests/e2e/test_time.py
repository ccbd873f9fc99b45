"""What time does to a ticket whose clock is moved: every moment comes once, with its mail."""

import math
from collections import Counter
from datetime import datetime, timedelta

import httpx2

from tests.e2e.desk import Json, assert_problem, do, kinds, mailed, mails, open_ticket, read, ticket_as_read, timeline
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

AGENTS = ["agent2@globex.example", "agent@globex.example"]
MANAGER = "manager@globex.example"
A_WHILE = timedelta(minutes=5)
"""Before and after a moment, by more than the test itself takes."""


class CaseClock:
    """Moves the clock of one ticket; `at` is where it stands, less what the test has taken so far."""

    def __init__(self, stack: RunningStack, ticket: Json) -> None:
        self._stack = stack
        self._case = f"ticket/{ticket['id']}"
        self.at = _time(ticket["created_at"])

    async def move_to(self, moment: datetime) -> None:
        """Lets the time until `moment` pass for the ticket."""
        minutes = timedelta(minutes=math.ceil((moment - self.at) / timedelta(minutes=1)))
        await self._stack.pass_time(self._case, minutes)
        self.at += minutes


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _recipients(found: list[Json]) -> list[str]:
    return sorted(address for mail in found for address in mail["recipients"])


async def test_each_clock_warns_once_and_is_breached_once_and_the_right_people_are_told(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, subject="Nobody cares", priority="urgent")
    clock = CaseClock(stack, ticket)

    await clock.move_to(_time(ticket["first_response_due_at"]) - A_WHILE)
    assert await kinds(agent, ticket) == ["opened", "sla_warned"]
    warned = await mailed(people, ticket, "Due soon: first response", times=2)
    assert _recipients(warned) == AGENTS

    await clock.move_to(_time(ticket["first_response_due_at"]) + A_WHILE)
    assert await kinds(agent, ticket) == ["opened", "sla_warned", "sla_breached"]
    breached = await mailed(people, ticket, "Overdue: first response", times=3)
    assert _recipients(breached) == [*AGENTS, MANAGER]
    late = await ticket_as_read(agent, ticket)
    assert late["first_response_breached_at"]
    assert late["resolution_breached_at"] is None
    assert late in (await read(agent, "tickets", breached=True, limit=200))["items"]

    # The escalation comes an open hour after the breach, which may be in the morning after.
    await clock.move_to(_time(ticket["resolution_due_at"]) + timedelta(days=4))
    assert Counter(await kinds(agent, ticket)) == Counter(opened=1, sla_warned=2, sla_breached=2, escalated=1)
    assert _recipients(await mailed(people, ticket, "Due soon: resolution", times=2)) == AGENTS
    assert _recipients(await mailed(people, ticket, "Overdue: resolution", times=3)) == [*AGENTS, MANAGER]
    assert _recipients(await mailed(people, ticket, "Escalated: resolution")) == [MANAGER]

    clocks = {clock["clock"]: clock for clock in await read(agent, f"tickets/{ticket['id']}/sla")}
    for name in ("first_response", "resolution"):
        assert clocks[name]["state"] == "breached"
        assert _time(clocks[name]["due_at"]) == _time(ticket[f"{name}_due_at"])
        assert _time(clocks[name]["breached_at"]) >= _time(clocks[name]["due_at"])
        assert _time(clocks[name]["warned_at"]) < _time(clocks[name]["due_at"])
    to_customer = [mail for mail in await mails(people, ticket) if "client@globex.example" in mail["recipients"]]
    assert ["we have received your request" in mail["text"] for mail in to_customer] == [True]
    assert await kinds(customer, ticket) == ["opened"]


async def test_who_does_not_answer_is_reminded_twice_then_the_ticket_is_resolved_and_closed(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, subject="Silence", priority="urgent")
    clock = CaseClock(stack, ticket)
    question = await do(agent, ticket, "messages", body="Which room?", status="waiting_for_response")
    asked = _time(question["posted_at"])

    story = ["opened", "agent_replied"]
    for days, kind in ((2, "reminded"), (5, "reminded"), (7, "resolved_unanswered"), (14, "closed")):
        await clock.move_to(asked + timedelta(days=days) - A_WHILE)
        assert await kinds(agent, ticket) == story
        story.append(kind)
    await clock.move_to(asked + timedelta(days=14) + A_WHILE)
    assert await kinds(agent, ticket) == story

    for words, times in (("we need your reply", 2), ("we have not heard from you", 1), ("is now closed", 1)):
        found = await mailed(people, ticket, words, times=times)
        assert set(_recipients(found)) == {"client@globex.example"}
    [closing] = await mailed(people, ticket, "is now closed")
    assert "reopened" in closing["text"]
    closed = await ticket_as_read(customer, ticket)
    assert (closed["status"], closed["first_response_breached_at"], closed["resolution_breached_at"]) == (
        "closed",
        None,
        None,
    )
    events = await timeline(customer, ticket)
    assert [event["actor"]["kind"] for event in events] == ["user"] * 2 + ["system"] * 4
    assert all(event["reason"] for event in events[2:])

    await clock.move_to(clock.at + timedelta(days=13))
    assert (await do(agent, ticket, "reopen", reason="It was the cellar"))["status"] == "open"


async def test_a_reply_ends_the_waiting_and_its_reminders(
    stack: RunningStack, people: People, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer, priority="low")
    clock = CaseClock(stack, ticket)
    await do(agent, ticket, "messages", body="Which room?", status="waiting_for_response")
    await do(customer, ticket, "messages", body="The cellar.")

    await clock.move_to(clock.at + timedelta(days=8))
    assert (await ticket_as_read(customer, ticket))["status"] == "open"
    assert "reminded" not in await kinds(agent, ticket)
    assert not [mail for mail in await mails(people, ticket) if "waiting for your reply" in mail["subject"]]


async def test_after_its_window_a_closed_ticket_is_reopened_no_more(
    stack: RunningStack, customer: httpx2.AsyncClient, agent: httpx2.AsyncClient
) -> None:
    ticket = await open_ticket(customer)
    clock = CaseClock(stack, ticket)
    closed = await do(agent, ticket, "close")
    assert closed["status"] == "closed"

    await clock.move_to(clock.at + timedelta(days=14, minutes=1))
    answer = await agent.post(f"tickets/{ticket['id']}/reopen", json={"reason": "Too late"})
    assert_problem(answer, 409, "reopen_window_passed")
    assert (await ticket_as_read(agent, ticket))["status"] == "closed"
