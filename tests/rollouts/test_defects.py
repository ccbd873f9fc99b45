"""A defect is not a refusal: whatever keeps a worker from deciding, the command waits for a worker that can."""

from dataclasses import dataclass

import pytest
import structlog
from temporalio import workflow

from activities.tickets.step import TicketStep
from domain.tickets.rules import TicketPriority
from domain.tickets.state import TicketState
from ops.checks import database as checks
from ops.trouble import Trouble
from tests.rollouts.lifecycles import with_tickets
from tests.rollouts.real_world import RealWorld
from tests.workflows.world import eventually
from workflows.parts.decisions import decides
from workflows.parts.messages import CaseStart, Command
from workflows.tickets.lifecycle import TicketWorkflow

BODY = "Canary: the floor above"


@workflow.defn(name="TicketWorkflow")
class DoesNotKnowIt(TicketWorkflow):
    """A workflow from before `set_priority` existed."""

    set_priority = None  # type: ignore[assignment]

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)


@dataclass(frozen=True, kw_only=True)
class SetPriorityFor(Command):
    """A message with a field that the API does not send."""

    priority: TicketPriority
    minutes: int


@workflow.defn(name="TicketWorkflow")
class CannotReadIt(TicketWorkflow):
    """Its message has a field without a default, which the API does not send."""

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)

    @decides
    def set_priority(self, command: SetPriorityFor) -> TicketStep:  # type: ignore[override]
        raise NotImplementedError


@workflow.defn(name="TicketWorkflow")
class StumblesOverIt(TicketWorkflow):
    """Its validator has a bug."""

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)

    @decides
    def set_priority(self, command: Command) -> TicketStep:  # type: ignore[override]
        raise KeyError(f"Canary {command.id}")


@pytest.mark.parametrize(
    ("older", "fault"),
    [
        pytest.param(DoesNotKnowIt, "RuntimeError", id="the worker does not know the command"),
        pytest.param(CannotReadIt, "RuntimeError", id="its arguments cannot be read"),
        pytest.param(StumblesOverIt, "KeyError", id="the validator has a bug"),
    ],
)
async def test_a_command_waits_for_a_worker_that_can_decide(
    real_world: RealWorld, older: type[TicketWorkflow], fault: str
) -> None:
    async with real_world.workers(f"older-{older.__name__}", with_tickets(older)):
        life = await real_world.open_ticket()
        counted = real_world.counted(kind="ticket.set_priority", outcome="defective")
        with structlog.testing.capture_logs() as logs:
            answer = await life.does("agent", "priority", priority="high")
        assert answer.status_code == 202, answer.text
        command_id = answer.json()["command_id"]
        assert answer.headers["Location"] == f"/api/v1/commands/{command_id}"
        said = [entry for entry in logs if entry["event"] == "command_defective"]
        assert [(entry["log_level"], entry["code"], entry["command"]) for entry in said] == [
            ("error", fault, "ticket.set_priority")
        ]
        assert "Canary" not in str(logs)
        assert real_world.counted(kind="ticket.set_priority", outcome="defective") == counted + 1
        assert await _fault_of(real_world, command_id) == ("pending", fault)
        # The sweep finds it no better, and the case lives on meanwhile.
        assert await real_world.sweep() == 0
        assert await _fault_of(real_world, command_id) == ("pending", fault)
        assert (await life.does("client", "messages", body=BODY)).status_code == 201
        with pytest.raises(Trouble, match=rf"1 pending.*no worker could carry out 1 of ticket.set_priority: {fault}"):
            await checks.commands(real_world.settings)

    async with real_world.workers("present"):
        # It has been put off for some seconds since no worker could carry it out.
        await eventually(real_world.sweep, bool)
        command = await real_world.settled(command_id)
        assert (command["status"], command["code"]) == ("done", None)
        assert (await life.read())["priority"] == "high"
        assert await life.kinds() == ["opened", "customer_replied", "priority_changed"]
        assert await checks.commands(real_world.settings) == "none is pending"


async def _fault_of(world: RealWorld, command_id: str) -> tuple[str, str | None]:
    [(status, fault)] = await world.query("SELECT status, fault FROM command WHERE id = :id", id=command_id)
    return status, fault
