"""Input and output of the activity that makes a step durable."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from temporalio.exceptions import ApplicationError

from domain.cases import Actor, Ask, CaseState
from domain.refusal import REFUSAL, Refusal
from domain.tasks.deeds import TaskStep
from domain.tasks.rules import Task

S = TypeVar("S", bound=CaseState)


@dataclass(frozen=True)
class CaseNotice:
    """Which template goes to whom of a case: `customer`, `role:<key>`, or the account that the row's column
    `<audience>_id` names, as `requester`."""

    template: str
    audience: str


@dataclass(frozen=True, kw_only=True)
class Step(Generic[S]):
    """A step as the workflow decided it: `version` is the one that it makes, `at` the workflow's time in UTC.

    `id` is the command's, or derived from the workflow and the step when a deadline or the case itself caused it; the
    same id never makes two events. `kind` is for the timeline and decides nothing. `reason` is for the system's own
    steps; a person's words come from the command's row. `state` is the case as the step makes it, `tasks` what it does
    to tasks, `asks` what it asks of other cases, `depth` how many cases have asked each other up to this one,
    `notices` whom it tells what.

    A lifecycle whose steps have other facts adds them as fields of its own step. That one names the type of its `state`
    again, because the payload converter does not follow type variables through inheritance.
    """

    tenant_id: UUID
    case_id: UUID
    id: UUID
    kind: str
    actor: Actor
    correlation_id: str
    version: int
    at: datetime
    state: S
    reason: str | None = None
    by_command: bool = False
    depth: int = 0
    tasks: tuple[TaskStep, ...] = ()
    asks: tuple[Ask, ...] = ()
    notices: tuple[CaseNotice, ...] = ()


@dataclass(frozen=True, kw_only=True)
class StepResult(Generic[S]):
    """What came of a step: the row's version, the case and its pending tasks as they are now, how many messages the
    step has staged, and how many commands to other cases it has left.

    `tenant_slug` is None in results of before it was told: those decide what operators found their cases by then. Of a
    case that is loaded `undelivered` are the steps whose messages an earlier run has left unsent, and
    `correlation_id` is that of its opening.
    """

    version: int
    state: S
    tasks: tuple[Task, ...] = ()
    deliveries: int = 0
    asked: int = 0
    undelivered: tuple[UUID, ...] = ()
    correlation_id: str | None = None
    tenant_slug: str | None = None


@dataclass(frozen=True)
class Notice:
    """Something a person must be told: which template, to which account, with which facts. A customer that nobody
    speaks for is told at its own address, and somebody from outside who takes part in a ticket at theirs: then
    `customer_id` or `participant_id` is set, and no account."""

    template: str
    recipient_id: UUID | None
    context: dict[str, Any] = field(default_factory=dict)
    customer_id: UUID | None = None
    participant_id: UUID | None = None


def refused(refusal: Refusal) -> ApplicationError:
    """A refusal in the form that passes through Temporal: `type` is its code."""
    return ApplicationError(refusal.sentence, REFUSAL, type=refusal.code, non_retryable=True)
