"""What waits, as it is read."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from api.http.payloads import CaseOfStoryView, Page, View
from domain.cases import Party
from domain.tasks.rules import TaskKind


class TaskOfWaitingView(View):
    """The task that a case waits for, and the role that it asks."""

    id: UUID
    kind: TaskKind
    role: str
    due_at: datetime


class WaitingView(View):
    """An open case, whom it waits for and since when; `task` where that is a `role`. `workflow_id` is what its
    workflow is called."""

    case: CaseOfStoryView
    customer_id: UUID | None
    party: Party
    since: datetime
    task: TaskOfWaitingView | None
    workflow_id: str


class Stuck(StrEnum):
    """What does not go on: a command that no workflow has answered, a message that cannot be sent, a task that nobody
    has decided in time, an activity of a workflow that fails each time."""

    COMMAND = "command"
    DELIVERY = "delivery"
    TASK = "task"
    ACTIVITY = "activity"


class StuckView(View):
    """Something that does not go on: `kind` is that of the command, task or activity, or the message's template;
    `code` says by what it failed the last of so many `tries`, `due_at` when it should have been done."""

    what: Stuck
    id: UUID | None
    kind: str
    since: datetime
    due_at: datetime | None = None
    tries: int = 0
    code: str | None = None
    case: CaseOfStoryView | None = None
    workflow_id: str | None = None


class WaitingPage(Page[WaitingView]):
    """`total` ends at 10,000: then there are that many or more. `stuck` comes with the first page."""

    stuck: list[StuckView]
