"""What happens to the tasks of a case, as the case's timeline names it."""

from enum import StrEnum


class TaskEvent(StrEnum):
    CLAIMED = "task_claimed"
    RELEASED = "task_released"
    REMINDED = "task_reminded"
    ESCALATED = "task_escalated"
    APPROVED_ONCE = "task_approved_once"
