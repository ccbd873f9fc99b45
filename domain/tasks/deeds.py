"""What a step of a case does to one of its tasks."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any
from uuid import UUID

from domain.tasks.rules import Decision, Task


class TaskDeed(StrEnum):
    OPENED = "opened"
    CLAIMED = "claimed"
    RELEASED = "released"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    CHANGED = "changed"
    DECIDED = "decided"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class TaskStep:
    """A part of a step: the task as it is afterwards. `decision_id` is the row of what a person decided."""

    deed: TaskDeed
    task: Task
    decision: Decision | None = None
    decision_id: UUID | None = None
    fields: dict[str, Any] = field(default_factory=dict)
