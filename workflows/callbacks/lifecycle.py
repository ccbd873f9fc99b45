"""The life of a customer's wish to be called.

    open -> planned -> done | given_up

It opens a task for an agent, who may plan the call first, and plan it anew: the customer is told when, and the agent
is reminded just before. Deciding the task says that the call was made, or that it will not be. When nobody has called
for some days, it is given up. The customer is told that, too.

Updates: open, plan_call; claim_task, release_task, decide_task.
"""

from dataclasses import replace
from datetime import UTC, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice, Step
    from domain.callbacks.rules import REMIND_BEFORE, CallbackEvent, CallbackState, CallbackStatus, require_plannable
    from domain.people.permissions import Permission
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind
    from workflows.callbacks.messages import PlanCall
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask

_Step = Step[CallbackState]
_GIVEN_UP = (CaseNotice("callback_given_up", "requester"),)


@workflow.defn(name="CallbackWorkflow")
class CallbackWorkflow(Lifecycle[CallbackState, _Step]):
    @workflow.init
    def __init__(self, start: CaseStart[CallbackState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[CallbackState]) -> None:
        await self.live(start)

    @opens
    def open(self, command: Command) -> _Step:
        """The first step: number, and a task for an agent."""
        task = self.tasks.opening(
            TaskKind.CALLBACK,
            "agent",
            decisions=(Decision.DONE, Decision.REJECT),
            requested_by=command.actor.id,
            permission=Permission.CALLBACKS_WORK,
        )
        return self.step(CallbackEvent.OPENED, command, tasks=(task,))

    @decides
    def plan_call(self, command: PlanCall) -> _Step:
        """Says when somebody will call: the task is due then."""
        at = command.at.astimezone(UTC)
        to = replace(self.state.becomes(CallbackStatus.PLANNED, workflow.now()), planned_at=at)
        require_plannable(at, self.state.planned_at, workflow.now())
        tasks = tuple(self.tasks.moving(task, at, REMIND_BEFORE) for task in self.tasks.pending)
        told = (CaseNotice("callback_planned", "requester"),)
        return self.step(CallbackEvent.PLANNED, command, to=to, tasks=tasks, notices=told)

    def settled(self, command: DecideTask, part: TaskStep) -> _Step:
        called = command.decision is Decision.DONE
        to = self.state.becomes(CallbackStatus.DONE if called else CallbackStatus.GIVEN_UP, workflow.now())
        event, told = CallbackEvent(to.status), () if called else _GIVEN_UP
        return self.step(event, command, to=to, tasks=(part,), notices=told)

    def plan(self) -> None:
        since = self.state.planned_at or self.state.status_since
        give_up = since + timedelta(days=self.state.settings.give_up_days)
        self.case.deadlines.set("give_up", give_up, "give up: nobody has called")

    @falls_due("give_up")
    def _too_late(self, _: Deadline) -> _Step:
        to = self.state.becomes(CallbackStatus.GIVEN_UP, workflow.now())
        why, tasks = f"Nobody has called for {self.state.settings.give_up_days} days.", self.tasks.cancelling()
        return self.step(CallbackEvent.GIVEN_UP, to=to, reason=why, tasks=tasks, notices=_GIVEN_UP)
