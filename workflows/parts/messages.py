"""What a case is started with and asked, and what it answers."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from domain.cases import Actor, CaseState
from domain.tasks.rules import Decision, Task
from workflows.parts.deadlines import Deadline

S = TypeVar("S", bound=CaseState)


@dataclass(frozen=True, kw_only=True)
class Command:
    """A change that somebody asks for. Ids, enums, amounts and times only: personal data stays in Postgres.

    `expected_version` is what the asker last read; the command is refused when the case has moved on since. `depth`
    counts the cases that have asked each other up to this command, 0 for one that a person or program asks.
    """

    id: UUID
    actor: Actor
    correlation_id: str
    expected_version: int | None = None
    depth: int = 0


@dataclass(frozen=True)
class Applied:
    """The command is done; the case's row now has at least this version."""

    version: int


@dataclass(frozen=True, kw_only=True)
class Carried(Generic[S]):
    """What a run hands to the next when it continues as new: `undelivered` and `unasked` are the steps whose messages
    and commands to other cases are still under way; `correlation_id` is that of the case's opening; `cancelled` says
    that an operator has asked for its end."""

    state: S
    version: int = 0
    tasks: tuple[Task, ...] = ()
    deadlines: tuple[Deadline, ...] = ()
    given_up: tuple[Deadline, ...] = ()
    undelivered: tuple[UUID, ...] = ()
    unasked: tuple[UUID, ...] = ()
    applied: tuple[UUID, ...] = ()
    depth: int = 0
    correlation_id: str | None = None
    cancelled: bool = False


@dataclass(frozen=True)
class CaseStart(Generic[S]):
    """`new` when the first command opens the case; otherwise the run begins from its row, or from what is carried."""

    tenant_id: UUID
    case_id: UUID
    new: bool = False
    carried: Carried[S] | None = None


@dataclass(frozen=True, kw_only=True)
class StepFails:
    """A worker's word that a step has failed so many times since a moment (UTC), the last time by `code`. Without a
    `step_id` it is the reading of the case's row that fails."""

    step_id: UUID | None
    attempts: int
    code: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class ClaimTask(Command):
    task_id: UUID


@dataclass(frozen=True, kw_only=True)
class ReleaseTask(Command):
    """`on_behalf_of` is whose claim is ended when it is not the actor's own."""

    task_id: UUID
    on_behalf_of: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class DecideTask(Command):
    """`decision_id` is the row that holds the person's words; `reasoned` says that a reason is among them."""

    task_id: UUID
    decision_id: UUID
    decision: Decision
    reasoned: bool = False
    fields: dict[str, Any] = field(default_factory=dict)
