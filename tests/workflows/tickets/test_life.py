"""The life of a ticket: what its deadlines do."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory

from activities.mail.smtp import Mailer
from tests.workflows.world import World, after_ten_steps, eventually

A_DAY = timedelta(days=1)


async def test_who_waits_for_the_customer_reminds_twice_then_resolves_then_closes(world: World) -> None:
    life = await world.open_ticket()
    asked = await life.does("agent", "messages", body="Which one?", status="waiting_for_response")
    assert asked.status_code == 201
    await life.passes(2 * A_DAY)
    await life.happens("reminded")
    await life.passes(3 * A_DAY)
    await life.happens("reminded", times=2)
    await life.passes(2 * A_DAY)
    await life.becomes("resolved")
    await life.passes(7 * A_DAY)
    closed = await life.becomes("closed")
    assert closed["resolved_at"]
    assert closed["closed_at"]
    kinds = await life.kinds()
    assert kinds == ["opened", "agent_replied", "reminded", "reminded", "resolved_unanswered", "closed"]
    mails = await life.mails(5)
    assert len(mails) == 5
    assert all(mail.startswith("client@acme.example") for mail in mails)
    assert "Clôturée" in mails[-1]
    assert [mail.partition(":")[0] for mail in world.postbox.openings(life.number)] == ["client@acme.example"]


async def test_who_has_a_ticket_is_told_what_others_do(world: World) -> None:
    life = await world.open_ticket()
    other = (await (await world.person("agent2")).get("/me")).json()["user"]["id"]
    assert (await life.does("agent", "assign", assignee_id=other)).status_code == 200
    assert (await life.does("client", "messages", body="Canary: and?")).status_code == 201
    assert (await life.does("agent2", "status", status="resolved")).status_code == 200
    mails = [mail.partition("] ") for mail in await life.mails(3)]
    assert [(mail.partition(":")[0], words.partition(" :")[0]) for mail, _, words in mails] == [
        ("agent2@acme.example", "À vous de traiter"),
        ("agent2@acme.example", "Le client a répondu"),
        ("client@acme.example", "Résolue"),
    ]


async def test_nobody_is_told_of_their_own_deed(world: World) -> None:
    life = await world.open_ticket()
    mine = (await (await world.person("agent")).get("/me")).json()["user"]["id"]
    assert (await life.does("agent", "assign", assignee_id=mine)).status_code == 200
    assert (await life.does("agent", "messages", body="Canary: here I am")).status_code == 201
    assert [mail.partition(":")[0] for mail in await life.mails(1)] == ["client@acme.example"]


async def test_a_reply_ends_the_waiting(world: World) -> None:
    life = await world.open_ticket()
    await life.does("agent", "status", status="waiting_for_response")
    await life.passes(2 * A_DAY)
    await life.happens("reminded")
    assert (await life.does("client", "messages", body="Here I am")).status_code == 201
    await life.passes(10 * A_DAY)
    ticket = await life.read()
    assert ticket["status"] == "open"
    assert (await life.kinds()).count("reminded") == 1


async def test_a_reply_to_a_resolved_ticket_opens_it_and_it_does_not_close(world: World) -> None:
    life = await world.open_ticket()
    await life.does("agent", "status", status="resolved")
    await life.passes(6 * A_DAY)
    await life.does("client", "messages", body="Not at all")
    await life.passes(3 * A_DAY)
    assert (await life.read())["status"] == "open"
    assert "closed" not in await life.kinds()


async def test_a_closed_ticket_reopens_in_its_window_only(world: World) -> None:
    life = await world.open_ticket()
    await life.does("agent", "close")
    refused = await life.does("client", "messages", body="Hello?")
    assert (refused.status_code, refused.json()["code"]) == (409, "ticket_closed")
    await life.passes(13 * A_DAY)
    assert (await life.does("agent", "reopen", reason="By mistake")).json()["status"] == "open"
    await life.does("agent", "close")
    await life.passes(15 * A_DAY)
    await eventually(life.history, lambda history: ends_with(history, "WORKFLOW_EXECUTION_COMPLETED"))
    refused = await life.does("agent", "reopen", reason="Too late")
    assert (refused.status_code, refused.json()["code"]) == (409, "reopen_window_passed")
    note = await life.does("agent", "messages", body="For the record", internal=True)
    assert note.status_code == 201
    assert (await life.kinds())[-1] == "note_added"


async def test_warning_breach_and_escalation_come_once_each(world: World) -> None:
    life = await world.open_ticket("urgent")
    await life.until(life.opened["first_response_due_at"])
    await life.happens("sla_breached")
    await life.until(life.opened["resolution_due_at"])
    await life.happens("sla_breached", times=2)
    await life.passes(14 * A_DAY)
    kinds = await life.happens("escalated")
    assert sorted(kinds) == sorted(["opened", *["sla_warned", "sla_breached"] * 2, "escalated"])
    ticket = await life.read()
    assert ticket["first_response_breached_at"] == life.opened["first_response_due_at"]
    assert ticket["resolution_breached_at"] == life.opened["resolution_due_at"]
    clocks = await life.sla()
    assert clocks["first_response"]["state"] == clocks["resolution"]["state"] == "breached"
    managers = [mail for mail in await life.mails(9) if mail.startswith("manager@acme.example")]
    assert len(managers) == len(set(managers)) == 3


async def test_a_reply_in_time_meets_the_first_response(world: World) -> None:
    life = await world.open_ticket("urgent")
    await life.does("agent", "messages", body="We are on it")
    await life.until(life.opened["first_response_due_at"], plus=timedelta(hours=1))
    clocks = await life.sla()
    assert clocks["first_response"]["state"] == "met"
    assert clocks["first_response"]["warned_at"] is None
    assert (await life.read())["first_responded_at"]


async def test_what_is_on_hold_does_not_breach(world: World) -> None:
    life = await world.open_ticket("high")
    await life.does("agent", "messages", body="We are on it", status="on_hold")
    await life.passes(30 * A_DAY)
    assert (await life.read())["resolution_breached_at"] is None
    await life.does("agent", "status", status="in_progress")
    ticket = await life.read()
    assert ticket["resolution_due_at"] > life.opened["resolution_due_at"]
    await life.until(ticket["resolution_due_at"])
    await life.happens("sla_breached")


async def test_another_priority_keeps_what_was_consumed(world: World) -> None:
    life = await world.open_ticket("low")
    await life.passes(7 * A_DAY)
    consumed = (await life.sla())["resolution"]["consumed_minutes"]
    await life.does("agent", "priority", priority="medium")
    resolution = (await life.sla())["resolution"]
    assert resolution["target_minutes"] == 2400
    assert resolution["segments"][0]["counted_minutes"] >= consumed > 0


async def test_timers_fire_while_the_mail_server_is_out_of_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    life = await world.open_ticket()
    await life.does("agent", "messages", body="Which one?", status="waiting_for_response")
    await life.mails(1)
    await life.passes(2 * A_DAY - timedelta(minutes=30))
    with monkeypatch.context() as for_now:
        for_now.setattr(world.postbox, "out_of_order", True)
        await life.does("agent", "messages", body="The red one?")
        await life.passes(timedelta(hours=1))
        await life.happens("reminded")
        assert len(world.postbox.about(life.number)) == 1
    await life.passes(timedelta(minutes=1))
    assert len(await life.mails(3)) == 3


async def test_a_long_life_continues_as_new_and_forgets_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow.Info, "is_continue_as_new_suggested", after_ten_steps)
    life = await world.open_ticket()
    await life.does("agent", "messages", body="We are on it")
    for status in ["in_progress", "on_hold"] * 8:
        assert (await life.does("agent", "status", status=status)).status_code == 200
    await life.does("agent", "status", status="waiting_for_response")
    await life.passes(2 * A_DAY)
    kinds = await life.happens("reminded")
    assert kinds == ["opened", "agent_replied", *["status_changed"] * 17, "reminded"]
    history = await life.history()
    assert history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


async def test_a_mail_under_way_when_the_case_continues_as_new_holds_nothing_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow.Info, "is_continue_as_new_suggested", after_ten_steps)
    life = await world.open_ticket()
    for status in ["in_progress", "on_hold"] * 3 + ["in_progress"]:
        assert (await life.does("agent", "status", status=status)).status_code == 200
    under_way, goes_on, send = asyncio.Event(), asyncio.Event(), Mailer.send

    async def slowly(self: Mailer, *given: Any, **named: Any) -> str:
        under_way.set()
        await goes_on.wait()
        return await send(self, *given, **named)

    monkeypatch.setattr(Mailer, "send", slowly)
    asked = await life.does("agent", "messages", body="Which one?", status="waiting_for_response")
    assert asked.status_code == 201
    await under_way.wait()
    me = (await (await world.person("agent")).get("/me")).json()
    assert (await life.does("agent", "assign", assignee_id=me["user"]["id"])).status_code == 200
    goes_on.set()
    await life.mails(1)
    await life.passes(2 * A_DAY)
    assert (await life.happens("reminded"))[-2:] == ["assigned", "reminded"]
    assert len(await life.mails(2)) == 2
    history = await life.history()
    assert history.events[0].workflow_execution_started_event_attributes.continued_execution_run_id


def ends_with(history: WorkflowHistory, event: str) -> bool:
    return EventType.Name(history.events[-1].event_type) == f"EVENT_TYPE_{event}"
