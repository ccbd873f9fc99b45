"""How operators find cases in the engine: by number, by the tenant's slug, and those that are late."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from activities.cases.aggregate import CaseActivities
from activities.cases.step import StepResult
from tests.rollouts.real_world import RealWorld
from tests.workflows.quotes.life import write_quote
from tests.workflows.world import eventually
from workflows.parts.attributes import DUE_AT

A_MINUTE = timedelta(minutes=1)
LINES = [{"name": "Canary line", "quantity": 1, "unit_price": 100_000_000}]
"""Above a million with tax, so that a manager must approve it."""


async def test_what_is_late_of_every_kind(world: RealWorld) -> None:
    ticket = await world.open_ticket("urgent")
    asked = await (await world.person("client")).post("/quote-requests", json={"description": "Canary: ten chairs"})
    request, quote = asked.json(), await write_quote(world, lines=LINES)
    await quote.done("agent", "submit")
    late = {
        ticket.number: ticket.case,
        request["number"]: f"quote_request/{request['id']}",
        quote.number: quote.case,
    }
    for case in late.values():
        described = await world.client.get_workflow_handle(case).describe()
        due_at = described.typed_search_attributes[DUE_AT]
        await world.pass_time(case, due_at - await world.now(case) + A_MINUTE)
    await ticket.happens("sla_breached")
    for number, case in late.items():
        assert await _found(world, f"{_of_acme(number)} AND DueAt < '{_text(await world.now(case))}'") == [case]
    assert await _found(world, f"TenantSlug = 'globex' AND Number = '{ticket.number}'", some=False) == []

    await quote.decides("manager", decision="approve")
    await ticket.does("agent", "messages", body="Canary answer", status="waiting_for_response")
    for number in (quote.number, ticket.number):
        assert await _found(world, f"{_of_acme(number)} AND DueAt IS NULL") == [late[number]]
    await world.keep("ticket_owed_and_answered", ticket.case)
    await world.keep("quote_owed_and_approved", quote.case)


async def test_a_run_of_older_code_is_found_so_from_its_next_step_on(
    world: RealWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    present = CaseActivities._result

    async def older(self: Any, *taken: Any, **left: Any) -> StepResult[Any]:
        return replace(await present(self, *taken, **left), tenant_slug=None)

    with monkeypatch.context() as for_now:
        for_now.setattr(CaseActivities, "_result", older)
        life = await world.open_ticket()
        assert (await life.does("client", "messages", body="Canary: one thing more")).status_code == 201
    by_number = f"Number = '{life.number}'"
    assert await _found(world, by_number, some=False) == []
    assert (await life.does("agent", "messages", body="Canary answer")).status_code == 201
    assert await _found(world, by_number) == [life.case]
    await world.keep("ticket_found_otherwise_by_older_code", life.case)


def _of_acme(number: str) -> str:
    return f"TenantSlug = 'acme' AND Number = '{number}'"


def _text(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


async def _found(world: RealWorld, query: str, *, some: bool = True) -> list[str]:
    """The cases that match, once there are `some`: what is listed comes a moment later than what is so."""

    async def look() -> list[str]:
        return [run.id async for run in world.client.list_workflows(query)]

    return await eventually(look, bool) if some else await look()
