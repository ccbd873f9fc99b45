"""What every lifecycle inherits: how it begins, makes steps, takes over what came of them, and goes on in a new run."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Generic, TypeVar, get_args, get_origin

from temporalio import workflow

from activities.cases.step import Step, StepResult
from domain.cases import Ask, CaseEvent, CaseKind, CaseRef, CaseState, StepRef
from domain.refusal import Refusal
from domain.tasks.deeds import TaskStep
from domain.tasks.rules import Task
from workflows.parts.attributes import CASE_STATUS, DUE_AT, NUMBER, STUCK, TENANT, TENANT_SLUG, Shown
from workflows.parts.case import Case
from workflows.parts.deadlines import Deadline
from workflows.parts.decisions import FALLS_DUE, OPENS, decides, falls_due
from workflows.parts.messages import Carried, CaseStart, ClaimTask, DecideTask, ReleaseTask, StepFails
from workflows.parts.tasks import DEADLINE as TASK_DEADLINE
from workflows.parts.tasks import HumanTasks

S = TypeVar("S", bound=CaseState)
P = TypeVar("P", bound=Step[Any])


class UnknownDeadline(Exception):
    """No method says what this deadline causes. The case waits, in an operator's sight, for code that knows it."""


class Lifecycle(Generic[S, P]):
    """A workflow class says `class TicketWorkflow(Lifecycle[TicketState, TicketStep])`, and has of its own: `__init__`
    and `run`, which Temporal wants on the class itself; `@opens` and `@decides` for what people ask; `@falls_due` and
    `plan` for what time does; and what it shows.

    `state` is the case as the last step left it.
    """

    state_type: ClassVar[type[Any]]
    step_type: ClassVar[type[Any]]
    waits_for: ClassVar[Mapping[Any, str]] = {}
    """Whom or what a case in a status waits for, where no task says it; shown to operators."""

    _when_due: ClassVar[dict[str, str]]
    _opened_by_command: ClassVar[bool]

    def __init_subclass__(cls) -> None:
        for base in getattr(cls, "__orig_bases__", ()):
            if get_origin(base) is Lifecycle:
                cls.state_type, cls.step_type = get_args(base)
        marked = {name: getattr(getattr(cls, name, None), FALLS_DUE, None) for name in dir(cls)}
        cls._when_due = {deadline: name for name, deadline in marked.items() if deadline}
        cls._opened_by_command = any(hasattr(getattr(cls, name, None), OPENS) for name in dir(cls))

    def __init__(self, start: CaseStart[S]) -> None:
        carried: Carried[S] = start.carried or Carried(state=self.state_type())
        self.state: S = carried.state
        self.case: Case[S, P] = Case(
            self.state.kind,
            CaseRef(start.tenant_id, start.case_id),
            carried,
            adopt=self._adopt,
            due=self._falls_due,
            deadline_refused=self._deadline_refused,
            over=lambda: self.state.over,
            opened_by_command=self._opened_by_command,
            unwinding=lambda: self.state.unwinding,
            before_messages=self.before_messages,
            asks_carried=self.asks_carried,
            unstuck=self._show,
        )
        self.tasks: HumanTasks[P] = HumanTasks(
            self.case, carried.tasks, make_step=self.step, settled=self.settled, check=self.check
        )
        self._last_step: str = ""
        self._tenant_slug: str | None = None
        self._shown: Shown = {}

    async def live(self, start: CaseStart[S], story: Callable[[], Awaitable[None]] | None = None) -> None:
        """What `run` does: begins from the row unless the case is new or was carried here, lives, and hands over to
        the next run when the history has grown long. `story` is what the case does of its own accord; a new run tells
        it from the beginning, so that each of its stages passes over what the state shows as done.

        Raises CancelledError when an operator has cancelled a case that is not over: the next command begins it anew.
        """
        await self.case.live(story, from_row=not start.new and start.carried is None)
        if self.case.continues:
            carried = Carried(state=self.state, tasks=self.tasks.pending, **self.case.carried())
            workflow.continue_as_new(CaseStart(start.tenant_id, start.case_id, carried=carried))
        if not self.case.over and workflow.cancellation_reason() is not None:
            raise asyncio.CancelledError

    # What a lifecycle has of its own

    def plan(self) -> None:
        """Sets the deadlines that follow from the state; all but those of tasks have been cleared."""

    def settled(self, command: DecideTask, part: TaskStep) -> P:
        """The step that a decision causes which settles its task; it holds the given part."""
        raise NotImplementedError

    def check(self, command: DecideTask, task: Task) -> None:
        """Raises Refusal for what the lifecycle forbids to decide, for first approvals too."""

    async def before_messages(self) -> None:
        """What the messages of a step need before they are sent."""

    def asks_carried(self) -> None:
        """What follows when all that its steps have asked of other cases has been carried."""

    def attributes(self) -> Shown:
        """Search attributes besides those of all cases, or instead of them."""
        return {}

    def due_as_shown_before(self) -> datetime | None:
        """What `DueAt` was before step results told the tenant's slug: only for the replay of such steps."""
        return None

    def facts(self) -> list[str]:
        """What an operator should know besides, as lines of Markdown."""
        return []

    # Steps

    def step(
        self,
        kind: StrEnum | str,
        command: Any = None,
        /,
        *,
        to: S | None = None,
        reason: str | None = None,
        tasks: tuple[TaskStep, ...] = (),
        asks: tuple[Ask, ...] = (),
        **facts: Any,
    ) -> P:
        """A step of this lifecycle: by a command, or without one the system's. `to` is the state that it makes, the
        present one when nothing of it changes; `facts` are fields of the lifecycle's own step."""
        step: Any = self.step_type(
            **self.case.next_step(str(kind), command),
            state=self.state if to is None else to,
            reason=reason,
            tasks=tasks,
            asks=asks,
            **facts,
        )
        made: P = step
        return made

    def _adopt(self, result: StepResult[S], last_step: str) -> None:
        self.state = result.state
        self.case.deadlines.clear()
        self.tasks.adopt(result.tasks)
        if not self.state.over:
            self.plan()
        self._last_step, self._tenant_slug = last_step, result.tenant_slug
        self._show()

    # What time does

    def _falls_due(self, deadline: Deadline) -> P | None:
        name = self._when_due.get(deadline.name.partition("/")[0])
        if name is None:
            raise UnknownDeadline(deadline.name)
        step: P | None = getattr(self, name)(deadline)
        return step

    def _deadline_refused(self, deadline: Deadline, refusal: Refusal) -> P:
        return self.step(CaseEvent.DEADLINE_REFUSED, reason=f"{deadline.why}: {refusal.sentence}")

    @falls_due(TASK_DEADLINE)
    def _task_due(self, deadline: Deadline) -> P | None:
        return self.tasks.due(deadline)

    # What people ask of tasks

    @decides
    def claim_task(self, command: ClaimTask) -> Any:
        """Takes a task into the actor's hands."""
        return self.tasks.claim(command)

    @decides
    def release_task(self, command: ReleaseTask) -> Any:
        """Gives a task back to its role."""
        return self.tasks.release(command)

    @decides
    def decide_task(self, command: DecideTask) -> Any:
        """Decides a task, or gives the first of two approvals."""
        return self.tasks.decide(command)

    # What people ask of messages

    @workflow.signal
    def send_again(self, step: StepRef) -> None:
        """Somebody wants the messages of a step to be sent now. Whether that may be, the row has said already."""
        self.case.send_again(step.step_id)

    # What an operator sees

    @workflow.signal
    def step_fails(self, fails: StepFails) -> None:
        """A worker says that the step under way fails again and again."""
        if self.case.keeps_failing(fails):
            self._show()

    def _show(self) -> None:
        """Search attributes when they changed, and what the case waits for, in Markdown."""
        changed = [(key, value) for key, value in self._attributes().items() if self._shown.get(key) != value]
        if changed:
            self._shown.update(changed)
            updates = [key.value_unset() if value is None else key.value_set(value) for key, value in changed]
            workflow.upsert_search_attributes(updates)
        workflow.set_current_details("\n".join(self._details()))

    def _attributes(self) -> Shown:
        """Which there are follows from what the last step's result tells, so a run that is older than some of them
        replays, and shows them from its next step on."""
        status = STUCK if self.case.failing else self.state.status
        if not self._last_step:
            return {CASE_STATUS: status if self.case.failing or self.case.version else None}
        shown: Shown = {CASE_STATUS: status, TENANT: str(self.case.ref.tenant_id)}
        shown |= self.tasks.attributes() | self.attributes()
        if self._tenant_slug:
            return shown | {NUMBER: self.state.number or None, TENANT_SLUG: self._tenant_slug, DUE_AT: self._owed_by()}
        return shown | {DUE_AT: self.due_as_shown_before()}

    def _owed_by(self) -> datetime | None:
        moments = (self.state.owed_by, *(task.due_at for task in self.tasks.pending))
        return min((moment for moment in moments if moment), default=None)

    def _details(self) -> list[str]:
        if not (self._last_step or self.case.version):
            return ["### Not opened yet", *self._stuck()]
        state, deadline = self.state, self.case.deadlines.next
        lines = [
            f"### {state.number}: {state.status.replace('_', ' ')}",
            *self._stuck(),
            f"- **Since** {state.status_since:%Y-%m-%d %H:%M} UTC",
            *self.tasks.details(),
        ]
        if awaited := self.waits_for.get(state.status):
            lines.append(f"- **Waits for** {awaited}")
        lines += self.facts()
        if self._last_step:
            lines.append(f"- **Last step** {self._last_step.replace('_', ' ')} (version {self.case.version})")
        if deadline:
            lines.append(f"- **Next deadline** {deadline.at:%Y-%m-%d %H:%M} UTC: {deadline.why}")
        return lines

    def _stuck(self) -> list[str]:
        if (fails := self.case.failing) is None:
            return []
        return [
            f"- **Stuck** at `{self.case.under_way}`: {fails.attempts} attempts since "
            f"{fails.since:%Y-%m-%d %H:%M} UTC, the last failed by `{fails.code}`"
        ]


def kind_of(lifecycle: type[Lifecycle[Any, Any]]) -> CaseKind:
    """Which kind of case a lifecycle is of, as its state says."""
    kind: CaseKind = lifecycle.state_type.kind
    return kind
