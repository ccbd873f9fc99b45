"""What waits for a person: who may decide a task, what may be decided, and what a decision makes of it.

A task belongs to a case and is addressed to a role until somebody of it claims the task. Who asked for an approval does
not give it, and one that needs two takes two different people. All times are UTC.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self
from uuid import UUID

from domain.refusal import Refusal
from domain.tasks.form import Form, check_fields
from domain.tasks.schedule import TaskMoment, TaskTerms


class TaskKind(StrEnum):
    """What a person is asked for, and by which words. Mail in other languages has `tasks/<kind>.txt` for them."""

    words: str

    def __new__(cls, value: str, words: str) -> Self:
        kind = str.__new__(cls, value)
        kind._value_, kind.words = value, words
        return kind

    KYC_REVIEW = "kyc_review", "Review of the identity check"
    KYC_EXPIRY = "kyc_expiry", "An identity document has expired"
    QUOTE_APPROVAL = "quote_approval", "Approval of the quote"
    QUOTE_REQUEST = "quote_request", "A quote is asked for"
    ORDER_VALIDATION = "order_validation", "An order is to be looked at"
    FULFILMENT = "fulfilment", "To be delivered or done"
    UNDOING = "undoing", "To be undone by hand"
    CALLBACK = "callback", "A customer asks to be called"
    BOOKING_CONFIRMATION = "booking_confirmation", "A booking is to be confirmed"
    INVOICE_UNPAID = "invoice_unpaid", "An invoice is still unpaid"
    INVOICE_REFUND = "invoice_refund", "A payment is to be returned"
    MAIL_MATTER = "mail_matter", "Mail is to be looked at"


class TaskStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    CANCELLED = "cancelled"


class Decision(StrEnum):
    """`done` is for deeds, the others for what is asked of somebody's judgement."""

    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_CHANGES = "request_changes"
    DONE = "done"


NEEDS_REASON = frozenset({Decision.REJECT})


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing that a case waits for. Ids, enums, amounts and times only.

    `about` tells one from another of the same kind and case. `excluded` may not approve, like `requested_by`: it is
    their own affair. `approvals` are those given so far. `permission` is what a person needs besides `reviews:decide`.
    `moments` are the reminders and escalations to come.
    """

    id: UUID
    kind: TaskKind
    role: str
    about: str | None = None
    decisions: tuple[Decision, ...] = (Decision.DONE,)
    approvals_needed: int = 1
    approvals: tuple[UUID, ...] = ()
    requested_by: UUID | None = None
    excluded: tuple[UUID, ...] = ()
    permission: str | None = None
    form: Form = ()
    terms: TaskTerms = field(default_factory=TaskTerms)
    status: TaskStatus = TaskStatus.PENDING
    assignee_id: UUID | None = None
    opened_at: datetime | None = None
    due_at: datetime | None = None
    moments: tuple[TaskMoment, ...] = ()
    decision: Decision | None = None
    decided_by: UUID | None = None


def claim(task: Task, who: UUID) -> Task:
    """The task in `who`'s hands.

    Raises Refusal: `task_settled`, `nothing_changes`, `task_claimed` by somebody else, `four_eyes` when all that is
    asked for is an approval that this person must not give.
    """
    _require_pending(task)
    if task.assignee_id == who:
        raise Refusal("nothing_changes", "You have claimed this task already.")
    _require_hands(task, who)
    if Decision.APPROVE in task.decisions:
        _require_other_eyes(task, who)
    return replace(task, assignee_id=who)


def release(task: Task, who: UUID, *, on_behalf_of: UUID | None = None) -> Task:
    """The task back with its role. `on_behalf_of` is whose claim is ended by somebody who may do that.

    Raises Refusal: `task_settled`, `task_not_claimed` when that person does not have it.
    """
    _require_pending(task)
    if task.assignee_id != (on_behalf_of or who):
        raise Refusal("task_not_claimed", "This task is not in those hands.")
    return replace(task, assignee_id=None)


def decide(task: Task, who: UUID, decision: Decision, *, reasoned: bool, fields: dict[str, Any]) -> Task:
    """The task after a decision: done, or still pending when it needs another person's approval.

    `reasoned` says whether a reason came with it; `fields` are those of the form that are no free text. Raises Refusal:
    `task_settled`, `task_claimed`, `decision_invalid`, `reason_required`, `field_invalid`, `four_eyes`.
    """
    _require_pending(task)
    _require_hands(task, who)
    if decision not in task.decisions:
        raise Refusal("decision_invalid", f"This task is decided by one of: {', '.join(task.decisions)}.")
    if decision in NEEDS_REASON and not reasoned:
        raise Refusal("reason_required", f"Give a reason when you {decision}.")
    check_fields(task.form, decision, fields)
    if decision is Decision.APPROVE:
        _require_other_eyes(task, who)
        approvals = (*task.approvals, who)
        if len(approvals) < task.approvals_needed:
            return replace(task, approvals=approvals, assignee_id=None)
        task = replace(task, approvals=approvals)
    return replace(task, status=TaskStatus.DONE, decision=decision, decided_by=who, assignee_id=who, moments=())


def escalate(task: Task, moment: TaskMoment) -> Task:
    """The task with the role that a moment names; who had claimed it no longer has it."""
    return replace(_past(task, moment), role=moment.role or task.role, assignee_id=None)


def remind(task: Task, moment: TaskMoment) -> Task:
    """The task with one reminder less to come."""
    return _past(task, moment)


def cancel(task: Task) -> Task:
    """The task, which nobody needs to decide any more. Raises Refusal `task_settled`."""
    _require_pending(task)
    return replace(task, status=TaskStatus.CANCELLED, moments=())


def settled() -> Refusal:
    """What a task answers that waits for nobody any more."""
    return Refusal("task_settled", "This task has been decided or cancelled already.")


def _past(task: Task, moment: TaskMoment) -> Task:
    return replace(task, moments=tuple(other for other in task.moments if other != moment))


def _require_pending(task: Task) -> None:
    if task.status is not TaskStatus.PENDING:
        raise settled()


def _require_hands(task: Task, who: UUID) -> None:
    if task.assignee_id not in (None, who):
        raise Refusal("task_claimed", "Somebody else has claimed this task.")


def _require_other_eyes(task: Task, who: UUID) -> None:
    if who == task.requested_by or who in task.excluded:
        raise Refusal("four_eyes", "Nobody approves what they have asked for, or what is their own.")
    if who in task.approvals:
        raise Refusal("four_eyes", "You have approved this already: it needs somebody else's approval too.")
