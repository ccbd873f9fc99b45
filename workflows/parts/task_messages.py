"""What the tasks of a case are asked, whatever its kind."""

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from domain.tasks.rules import Decision
from workflows.parts.command import Command


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
