"""Who may claim, release and decide a task."""

from dataclasses import replace
from datetime import UTC, datetime
from uuid import uuid4

import pytest

from domain.refusal import Refusal
from domain.tasks import rules
from domain.tasks.rules import Decision, Task, TaskKind, TaskStatus
from domain.tasks.schedule import TaskMoment, TaskMomentKind

ADA, BOB, CYD = uuid4(), uuid4(), uuid4()
APPROVAL = Task(
    id=uuid4(),
    kind=TaskKind.QUOTE_APPROVAL,
    role="manager",
    decisions=(Decision.APPROVE, Decision.REJECT),
    requested_by=ADA,
)


def decide(task: Task, who=BOB, decision=Decision.APPROVE, *, reasoned: bool = False, **fields) -> Task:
    return rules.decide(task, who, decision, reasoned=reasoned, fields=fields)


def refused(code: str):
    return pytest.raises(Refusal, check=lambda refusal: refusal.code == code)


def test_an_approval_settles_the_task() -> None:
    done = decide(APPROVAL)
    assert (done.status, done.decision, done.decided_by) == (TaskStatus.DONE, Decision.APPROVE, BOB)


def test_who_asked_does_not_approve_but_may_withdraw() -> None:
    with refused("four_eyes"):
        decide(APPROVAL, ADA)
    with refused("four_eyes"):
        rules.claim(APPROVAL, ADA)
    with refused("four_eyes"):
        decide(replace(APPROVAL, excluded=(BOB,)), BOB)
    assert decide(APPROVAL, ADA, Decision.REJECT, reasoned=True).decision is Decision.REJECT


def test_two_approvals_take_two_people() -> None:
    once = decide(replace(APPROVAL, approvals_needed=2, assignee_id=BOB))
    assert (once.status, once.assignee_id, once.approvals) == (TaskStatus.PENDING, None, (BOB,))
    with refused("four_eyes"):
        decide(once)
    with refused("four_eyes"):
        rules.claim(once, BOB)
    assert decide(once, CYD).approvals == (BOB, CYD)
    assert decide(once, CYD, Decision.REJECT, reasoned=True).status is TaskStatus.DONE


def test_a_rejection_needs_a_reason_and_only_offered_decisions_count() -> None:
    with refused("reason_required"):
        decide(APPROVAL, decision=Decision.REJECT)
    with refused("decision_invalid"):
        decide(APPROVAL, decision=Decision.DONE)
    with refused("field_invalid"):
        decide(APPROVAL, unknown=1)


def test_what_somebody_has_claimed_nobody_else_decides() -> None:
    claimed = rules.claim(APPROVAL, BOB)
    for deed in (lambda: rules.claim(claimed, CYD), lambda: decide(claimed, CYD)):
        with refused("task_claimed"):
            deed()
    with refused("nothing_changes"):
        rules.claim(claimed, BOB)
    with refused("task_not_claimed"):
        rules.release(claimed, CYD)
    assert rules.release(claimed, BOB).assignee_id is None
    assert rules.release(claimed, CYD, on_behalf_of=BOB).assignee_id is None
    assert decide(claimed, BOB).status is TaskStatus.DONE


@pytest.mark.parametrize("status", [TaskStatus.DONE, TaskStatus.CANCELLED])
def test_what_is_settled_stays_so(status: TaskStatus) -> None:
    over = replace(APPROVAL, status=status)
    for deed in (
        lambda: rules.claim(over, BOB),
        lambda: rules.release(over, BOB),
        lambda: decide(over),
        lambda: rules.cancel(over),
    ):
        with refused("task_settled"):
            deed()


def test_a_late_task_goes_to_the_role_above_and_leaves_the_hands_it_was_in() -> None:
    moment = TaskMoment(TaskMomentKind.ESCALATE, datetime(2026, 11, 20, tzinfo=UTC), "admin")
    late = rules.escalate(replace(APPROVAL, assignee_id=BOB, moments=(moment,)), moment)
    assert (late.role, late.assignee_id, late.moments) == ("admin", None, ())
