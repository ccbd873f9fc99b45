"""Human tasks: what a case asks people for, with a due time, reminders, escalation and four eyes.

A lifecycle opens and cancels tasks as parts of its own steps, and says what step a settled task causes. The rest is the
same for all: claims, releases, reminders, escalations and first approvals are steps of their own.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID, uuid5

from temporalio import workflow

from activities.cases.step import Step
from domain.refusal import Refusal
from domain.tasks import rules
from domain.tasks.deeds import TaskDeed, TaskStep
from domain.tasks.events import TaskEvent
from domain.tasks.rules import Task, TaskKind, TaskStatus
from domain.tasks.schedule import TaskMoment, TaskMomentKind
from workflows.parts.attributes import ASSIGNEE, TEAM, Shown
from workflows.parts.case import STEPS, Case
from workflows.parts.deadlines import Deadline
from workflows.parts.messages import ClaimTask, Command, DecideTask, ReleaseTask

P = TypeVar("P", bound=Step[Any])
P_co = TypeVar("P_co", bound=Step[Any], covariant=True)

DEADLINE = "task"
"""The deadlines of tasks are `task/<id>/0`, `/1` and so on."""


class MakesSteps(Protocol[P_co]):
    """How a lifecycle makes a step: of a kind, by a command or the system, with what happens to tasks."""

    def __call__(
        self,
        kind: str,
        command: Command | None = None,
        /,
        *,
        reason: str | None = None,
        tasks: tuple[TaskStep, ...] = (),
    ) -> P_co: ...


class HumanTasks(Generic[P]):
    """The pending tasks of one case.

    `make_step` is the lifecycle's own; `settled` says what step a decision causes that settles its task, and puts the
    given part into it; `check` raises Refusal for what the lifecycle forbids besides, for first approvals too.
    """

    def __init__(
        self,
        case: Case[Any, P],
        carried: Iterable[Task],
        *,
        make_step: MakesSteps[P],
        settled: Callable[[DecideTask, TaskStep], P],
        check: Callable[[DecideTask, Task], None],
    ) -> None:
        self._case, self._make_step, self._settled, self._check = case, make_step, settled, check
        self._pending = {task.id: task for task in carried}

    @property
    def pending(self) -> tuple[Task, ...]:
        """What the case waits for, oldest first; as data for the next run, too."""
        return tuple(self._pending.values())

    def adopt(self, tasks: Iterable[Task]) -> None:
        """Takes over what the database holds after a step, and plans reminders and escalations.

        A lifecycle that clears its deadlines does so before.
        """
        for name, _, _ in self._moments():
            self._case.deadlines.cancel(name)
        self._pending = {task.id: task for task in tasks}
        for name, task, moment in self._moments():
            does = "remind" if moment.what is TaskMomentKind.REMIND else "escalate"
            self._case.deadlines.set(name, moment.at, f"{does}: {_words(task.kind)}")

    # Parts of a lifecycle's own steps

    def opening(self, kind: TaskKind, role: str, **terms: Any) -> TaskStep:
        """A new task as a part of the next step; `terms` are fields of `Task`. Of a kind there may be several, each
        `about` something else."""
        about = f"/{terms['about']}" if terms.get("about") else ""
        place = f"{workflow.info().workflow_id}/{self._case.version + 1}/{kind}{about}"
        return TaskStep(deed=TaskDeed.OPENED, task=Task(id=uuid5(STEPS, place), kind=kind, role=role, **terms))

    def cancelling(self, *kinds: TaskKind) -> tuple[TaskStep, ...]:
        """What ends the pending tasks of these kinds, or all of them, as parts of the next step."""
        ended = [task for task in self.pending if not kinds or task.kind in kinds]
        return tuple(TaskStep(deed=TaskDeed.CANCELLED, task=rules.cancel(task)) for task in ended)

    def changing(self, task: Task, **changes: Any) -> TaskStep:
        """A pending task with other terms, such as more approvals, as a part of the next step."""
        return TaskStep(deed=TaskDeed.CHANGED, task=replace(task, **changes))

    def moving(self, task: Task, due_at: datetime, *remind_before: timedelta) -> TaskStep:
        """A pending task that is due at another moment (UTC), as a part of the next step: people are reminded so long
        before, where that is still to come, and nobody is asked instead of its role any more."""
        moments = [TaskMoment(TaskMomentKind.REMIND, due_at - before) for before in remind_before]
        ahead = tuple(sorted((each for each in moments if each.at > workflow.now()), key=lambda each: each.at))
        return self.changing(task, due_at=due_at, moments=ahead)

    # What people ask for

    def claim(self, command: ClaimTask) -> P:
        """Raises Refusal, as `domain.tasks.rules.claim`."""
        task = rules.claim(self._task(command.task_id), _who(command))
        return self._step(TaskEvent.CLAIMED, command, TaskStep(deed=TaskDeed.CLAIMED, task=task))

    def release(self, command: ReleaseTask) -> P:
        """Raises Refusal, as `domain.tasks.rules.release`."""
        task = rules.release(self._task(command.task_id), _who(command), on_behalf_of=command.on_behalf_of)
        return self._step(TaskEvent.RELEASED, command, TaskStep(deed=TaskDeed.RELEASED, task=task))

    def decide(self, command: DecideTask) -> P:
        """Raises Refusal, as `domain.tasks.rules.decide`, and whatever the lifecycle refuses."""
        task = rules.decide(
            self._task(command.task_id),
            _who(command),
            command.decision,
            reasoned=command.reasoned,
            fields=command.fields,
        )
        self._check(command, task)
        part = TaskStep(
            deed=TaskDeed.DECIDED,
            task=task,
            decision=command.decision,
            decision_id=command.decision_id,
            fields=command.fields,
        )
        if task.status is TaskStatus.PENDING:
            return self._step(TaskEvent.APPROVED_ONCE, command, part)
        return self._settled(command, part)

    # What time does

    def due(self, deadline: Deadline) -> P | None:
        """The step that a deadline of theirs causes; None when its task is settled."""
        for name, task, moment in self._moments():
            if name == deadline.name:
                return self._late(task, moment)
        return None

    def _moments(self) -> list[tuple[str, Task, TaskMoment]]:
        return [
            (f"{DEADLINE}/{task.id}/{place}", task, moment)
            for task in self._pending.values()
            for place, moment in enumerate(task.moments)
        ]

    def _late(self, task: Task, moment: TaskMoment) -> P:
        if moment.what is TaskMomentKind.REMIND:
            part = TaskStep(deed=TaskDeed.REMINDED, task=rules.remind(task, moment))
            return self._make_step(TaskEvent.REMINDED, reason="The task is due soon.", tasks=(part,))
        part = TaskStep(deed=TaskDeed.ESCALATED, task=rules.escalate(task, moment))
        reason = f"The task is late: it goes to the role {part.task.role}."
        return self._make_step(TaskEvent.ESCALATED, reason=reason, tasks=(part,))

    # What an operator sees

    def attributes(self) -> Shown:
        """Who may act on the oldest task: who has claimed it, and the role that it is addressed to."""
        task = next(iter(self.pending), None)
        return {
            ASSIGNEE: str(task.assignee_id) if task and task.assignee_id else None,
            TEAM: f"role:{task.role}" if task else None,
        }

    def details(self) -> list[str]:
        """What the case waits people for, since when and who may act, as lines of Markdown."""
        return [
            f"- **Waits for** {_hands(task)}: {_words(task.kind)} `{task.id}`, "
            f"since {task.opened_at:%Y-%m-%d %H:%M} UTC, due {task.due_at:%Y-%m-%d %H:%M} UTC"
            for task in self.pending
        ]

    def _task(self, task_id: UUID) -> Task:
        if task_id not in self._pending:
            raise rules.settled()
        return self._pending[task_id]

    def _step(self, kind: str, command: Command, part: TaskStep) -> P:
        return self._make_step(kind, command, tasks=(part,))


def _who(command: Command) -> UUID:
    if command.actor.id is None:
        raise Refusal("actor_unknown", "A task is for people.")
    return command.actor.id


def _hands(task: Task) -> str:
    return f"`{task.assignee_id}` of the role `{task.role}`" if task.assignee_id else f"the role `{task.role}`"


def _words(kind: TaskKind) -> str:
    return kind.replace("_", " ")
