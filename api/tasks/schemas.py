"""What goes in and out of the inbox."""

from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field

from api.http.payloads import Payload, Reason, View
from domain.cases import CaseKind
from domain.tasks.rules import Decision, TaskKind, TaskStatus

_DEEPEST = 4


def _storable(fields: dict[str, Any]) -> dict[str, Any]:
    _look_through(fields, _DEEPEST)
    return fields


def _look_through(value: object, depth: int) -> None:
    if isinstance(value, str):
        if "\x00" in value or not _is_utf8(value):
            raise ValueError("must not contain the NUL character or lone surrogates")
    elif isinstance(value, dict | list):
        if depth == 0:
            raise ValueError("is nested too deeply")
        for part in [*value, *value.values()] if isinstance(value, dict) else value:
            _look_through(part, depth - 1)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class DecisionBody(Payload):
    """`fields` are those of the task's form, whose JSON Schema describes this body for the task at hand."""

    decision: Decision
    reason: Annotated[Reason | None, Field(description="A rejection needs one.")] = None
    fields: Annotated[dict[str, Any], AfterValidator(_storable), Field(max_length=50)] = {}


class CaseView(View):
    """The case that a task belongs to."""

    kind: CaseKind
    id: UUID
    number: str


class TaskView(View):
    """A task of the inbox; all times are UTC. `form` is the JSON Schema of what a decision takes."""

    id: UUID
    kind: TaskKind
    status: TaskStatus
    case: CaseView
    title: str
    about: Annotated[str | None, Field(description="Which part of the case, where a case asks for several things")]
    role: str
    assignee_id: UUID | None
    due_at: datetime
    overdue: bool
    requested_by: UUID | None
    approvals: Annotated[list[UUID], Field(description="Who has approved so far.")]
    approvals_needed: int
    excluded: Annotated[list[UUID], Field(description="Who may not approve, because it is their own affair.")]
    opened_at: datetime
    decided_at: datetime | None
    decided_by: UUID | None
    decision: Decision | None
    reason: str | None
    form: dict[str, Any]


def is_overdue(status: TaskStatus, due_at: datetime) -> bool:
    """Whether a task is late now."""
    return status is TaskStatus.PENDING and due_at < datetime.now(UTC)
