"""The life of a ticket, from the customer's first message to the end of its reopen window.

    open -> answered | waiting_for_response | on_hold | in_progress -> resolved -> closed -> (reopened) open

Who moves it: customers reply (it opens again), agents reply and set states, and time does the rest: a ticket that waits
for its customer reminds twice and then resolves, a resolved one closes, a closed one can be reopened for a while. The
service level's warnings, breaches and escalations are deadlines too; when they fall is computed by the activity that
records a step, because calendars live in the database.

Updates: open, post_message, set_status, assign, transfer, set_priority, close, reopen, refresh_service_level.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.parts.case import (
    ASSIGNEE,
    CASE_STATUS,
    DUE_AT,
    PRIORITY,
    TEAM,
    TENANT,
    CarriedCase,
    Case,
)
from workflows.parts.command import Applied, Command
from workflows.parts.deadline import Deadline

with workflow.unsafe.imports_passed_through():
    from activities.tickets import (
        TicketActivities,
        TicketMoment,
        TicketNotice,
        TicketRef,
        TicketState,
        TicketStep,
        TicketStepResult,
    )
    from domain import ticket as rules
    from domain.case import SYSTEM
    from domain.refusal import Refusal
    from domain.sla import Moment, MomentKind
    from domain.sla_policy import EscalationAction
    from domain.ticket import TicketPriority, TicketStatus
    from workflows.policies import STEP_RETRY, STEP_TIMEOUT


@dataclass(frozen=True, kw_only=True)
class OpenTicket(Command):
    message_id: UUID


@dataclass(frozen=True, kw_only=True)
class PostMessage(Command):
    message_id: UUID
    from_customer: bool
    internal: bool = False
    status: TicketStatus | None = None


@dataclass(frozen=True, kw_only=True)
class SetStatus(Command):
    status: TicketStatus


@dataclass(frozen=True, kw_only=True)
class Assign(Command):
    assignee_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class Transfer(Command):
    group_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class SetPriority(Command):
    priority: TicketPriority


@dataclass(frozen=True)
class Carried:
    """What a run hands to the next when it continues as new."""

    case: CarriedCase
    ticket: TicketState
    moments: tuple[TicketMoment, ...]


@dataclass(frozen=True)
class TicketStart:
    """`new` when the first command opens the ticket; otherwise the run begins from its row, or from what is carried."""

    tenant_id: UUID
    case_id: UUID
    new: bool = False
    carried: Carried | None = None


@workflow.defn(name="TicketWorkflow")
class TicketWorkflow:
    @workflow.init
    def __init__(self, start: TicketStart) -> None:
        self.start = start
        self.ticket = start.carried.ticket if start.carried else TicketState()
        self.moments = {moment.name: moment for moment in start.carried.moments} if start.carried else {}
        self.case: Case[TicketStep, TicketStepResult] = Case(
            start.tenant_id,
            start.carried.case if start.carried else CarriedCase(),
            record=self._record,
            due=self._on_due,
        )

    @workflow.run
    async def run(self, start: TicketStart) -> None:
        if not start.new and start.carried is None:
            await self._begin_from_row()
        async with self.case.open():
            await self.case.live()
        if not self.case.over:
            carried = Carried(self.case.carried(), self.ticket, tuple(self.moments.values()))
            workflow.continue_as_new(TicketStart(start.tenant_id, start.case_id, carried=carried))

    # What people ask for

    @workflow.update
    async def open(self, command: OpenTicket) -> Applied:
        """The first step: number, service level, first due times."""
        try:
            return await self.case.apply(command, lambda: self._opened(command))
        except ApplicationError:
            self.case.over = self.case.version == 0
            raise

    @workflow.update
    async def post_message(self, command: PostMessage) -> Applied:
        """A customer's reply opens the ticket, an agent's answers it, an internal note changes nothing."""
        return await self.case.apply(command, lambda: self._posted(command))

    @post_message.validator
    def _may_post_message(self, command: PostMessage) -> None:
        self.case.validate(command, lambda: self._posted(command))

    @workflow.update
    async def set_status(self, command: SetStatus) -> Applied:
        return await self.case.apply(command, lambda: self._status_set(command))

    @set_status.validator
    def _may_set_status(self, command: SetStatus) -> None:
        self.case.validate(command, lambda: self._status_set(command))

    @workflow.update
    async def assign(self, command: Assign) -> Applied:
        return await self.case.apply(command, lambda: self._assigned(command))

    @assign.validator
    def _may_assign(self, command: Assign) -> None:
        self.case.validate(command, lambda: self._assigned(command))

    @workflow.update
    async def transfer(self, command: Transfer) -> Applied:
        """Hands the ticket to another group; who had it no longer has."""
        return await self.case.apply(command, lambda: self._transferred(command))

    @transfer.validator
    def _may_transfer(self, command: Transfer) -> None:
        self.case.validate(command, lambda: self._transferred(command))

    @workflow.update
    async def set_priority(self, command: SetPriority) -> Applied:
        """Keeps what the clocks have consumed and recomputes what is left."""
        return await self.case.apply(command, lambda: self._prioritised(command))

    @set_priority.validator
    def _may_set_priority(self, command: SetPriority) -> None:
        self.case.validate(command, lambda: self._prioritised(command))

    @workflow.update
    async def close(self, command: Command) -> Applied:
        return await self.case.apply(command, lambda: self._closed(command))

    @close.validator
    def _may_close(self, command: Command) -> None:
        self.case.validate(command, lambda: self._closed(command))

    @workflow.update
    async def reopen(self, command: Command) -> Applied:
        """Opens a resolved ticket, or a closed one within its window."""
        return await self.case.apply(command, lambda: self._reopened(command))

    @reopen.validator
    def _may_reopen(self, command: Command) -> None:
        self.case.validate(command, lambda: self._reopened(command))

    @workflow.update
    async def refresh_service_level(self, command: Command) -> Applied:
        """The policy or its calendar has changed: the clocks are set anew, what they have consumed is kept."""
        return await self.case.apply(command, lambda: self._step("service_level_changed", command))

    # What each of these means

    def _opened(self, command: OpenTicket) -> TicketStep:
        return self._step("opened", command, message_id=command.message_id)

    def _posted(self, command: PostMessage) -> TicketStep:
        now = self.ticket.status
        if command.internal:
            return self._step("note_added", command, message_id=command.message_id)
        if now is TicketStatus.CLOSED:
            raise rules.closed()
        if command.from_customer:
            return self._step("customer_replied", command, status=TicketStatus.OPEN, message_id=command.message_id)
        answered = TicketStatus.ANSWERED if now in rules.ANSWERED_BY_A_REPLY else now
        status = command.status or answered
        return self._step(
            "agent_replied",
            command,
            status=status if status is now else rules.transition(now, status),
            message_id=command.message_id,
            notices=(TicketNotice("ticket_answered", "requester"),),
        )

    def _status_set(self, command: SetStatus) -> TicketStep:
        if self.ticket.status is TicketStatus.CLOSED and command.status is TicketStatus.OPEN:
            return self._reopened(command)
        return self._step("status_changed", command, status=rules.transition(self.ticket.status, command.status))

    def _assigned(self, command: Assign) -> TicketStep:
        self._refuse_when_closed()
        if command.assignee_id == self.ticket.assignee_id:
            raise Refusal("nothing_changes", "The ticket is already assigned like this.")
        return self._step("assigned", command, assignee_id=command.assignee_id)

    def _transferred(self, command: Transfer) -> TicketStep:
        self._refuse_when_closed()
        if command.group_id == self.ticket.group_id:
            raise Refusal("nothing_changes", "The ticket is already with this group.")
        return self._step("transferred", command, group_id=command.group_id, assignee_id=None)

    def _prioritised(self, command: SetPriority) -> TicketStep:
        self._refuse_when_closed()
        if command.priority is self.ticket.priority:
            raise Refusal("nothing_changes", "The ticket already has this priority.")
        return self._step("priority_changed", command, priority=command.priority)

    def _closed(self, command: Command) -> TicketStep:
        return self._step("closed", command, status=rules.transition(self.ticket.status, TicketStatus.CLOSED))

    def _reopened(self, command: Command) -> TicketStep:
        rules.may_reopen(self.ticket.status, self.ticket.status_since, self.reopen_window, workflow.now())
        return self._step("reopened", command, status=TicketStatus.OPEN)

    def _refuse_when_closed(self) -> None:
        if self.ticket.status is TicketStatus.CLOSED:
            raise rules.closed()

    # What time does

    def _on_due(self, deadline: Deadline) -> TicketStep | None:
        if moment := self.moments.get(deadline.name):
            return self._service_level_due(moment)
        match deadline.name:
            case "life/remind":
                return self._reminded()
            case "life/give_up":
                return self._given_up()
            case "life/auto_close":
                return self._auto_closed()
            case _:
                self.case.over = True
                return None

    def _auto_closed(self) -> TicketStep:
        return self._step(
            "closed",
            status=TicketStatus.CLOSED,
            reason=f"Resolved and silent for {self.ticket.settings.auto_close_days} days.",
            notices=(TicketNotice("ticket_closed", "requester"),),
        )

    def _given_up(self) -> TicketStep:
        return self._step(
            "resolved_unanswered",
            status=TicketStatus.RESOLVED,
            reason=f"The customer did not answer for {self.ticket.settings.give_up_days} days.",
            notices=(TicketNotice("ticket_resolved", "requester"),),
        )

    def _reminded(self) -> TicketStep:
        return self._step(
            "reminded",
            reminders_sent=self.ticket.reminders_sent + 1,
            reason="The customer was asked and has not answered.",
            notices=(TicketNotice("ticket_reminder", "requester"),),
        )

    def _service_level_due(self, due: TicketMoment) -> TicketStep:
        if due.moment.what is MomentKind.WARN:
            return self._step("sla_warned", moment=due.moment, notices=(TicketNotice("sla_warning", "assignee"),))
        if due.moment.what is MomentKind.BREACH:
            notices = (TicketNotice("sla_breach", "assignee"), TicketNotice("sla_breach", "role:manager"))
            return self._step("sla_breached", moment=due.moment, notices=notices)
        match due.action:
            case EscalationAction.RAISE_PRIORITY:
                return self._step("escalated", moment=due.moment, priority=self.ticket.priority.raised())
            case EscalationAction.REASSIGN_GROUP:
                return self._step("escalated", moment=due.moment, group_id=UUID(due.target or ""), assignee_id=None)
            case _:
                notice = TicketNotice("sla_escalation", f"role:{due.target}")
                return self._step("escalated", moment=due.moment, notices=(notice,))

    # How a step is taken

    def _step(
        self,
        kind: str,
        command: Command | None = None,
        *,
        reason: str | None = None,
        message_id: UUID | None = None,
        moment: Moment | None = None,
        notices: tuple[TicketNotice, ...] = (),
        **changes: Any,
    ) -> TicketStep:
        step_id = command.id if command else self.case.system_step_id(kind)
        return TicketStep(
            tenant_id=self.start.tenant_id,
            case_id=self.start.case_id,
            id=step_id,
            kind=kind,
            actor=command.actor if command else SYSTEM,
            correlation_id=command.correlation_id if command else str(step_id),
            version=self.case.version + 1,
            at=workflow.now(),
            reason=reason,
            changes={name: value for name, value in changes.items() if value != getattr(self.ticket, name)},
            message_id=message_id,
            moment=moment,
            notices=notices,
        )

    async def _record(self, step: TicketStep) -> TicketStepResult:
        result = await workflow.execute_activity_method(
            TicketActivities.take_step,
            step,
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=STEP_RETRY,
            summary=step.kind.replace("_", " "),
        )
        self._adopt(result, last=step.kind)
        return result

    async def _begin_from_row(self) -> None:
        result = await workflow.execute_activity_method(
            TicketActivities.load,
            TicketRef(self.start.tenant_id, self.start.case_id),
            start_to_close_timeout=STEP_TIMEOUT,
            retry_policy=STEP_RETRY,
            summary="begin from the row",
        )
        self.case.version = result.version
        self._adopt(result, last="loaded")

    def _adopt(self, result: TicketStepResult, last: str) -> None:
        if result.version < self.case.version:
            return
        self.ticket = result.ticket
        self.moments = {moment.name: moment for moment in result.moments}
        self._plan()
        self._show(last)

    def _plan(self) -> None:
        """What becomes due now: the service level's moments, and what the status brings with time."""
        deadlines, settings, since = self.case.deadlines, self.ticket.settings, self.ticket.status_since
        deadlines.cancel("")
        for moment in self.moments.values():
            deadlines.set(moment.name, moment.moment.at, moment.why)
        match self.ticket.status:
            case TicketStatus.WAITING_FOR_RESPONSE:
                for days in settings.remind_after_days[self.ticket.reminders_sent :][:1]:
                    deadlines.set("life/remind", since + timedelta(days=days), "remind the customer")
                give_up = since + timedelta(days=settings.give_up_days)
                deadlines.set("life/give_up", give_up, "resolve: the customer does not answer")
            case TicketStatus.RESOLVED:
                close_at = since + timedelta(days=settings.auto_close_days)
                deadlines.set("life/auto_close", close_at, "close: resolved and silent")
            case TicketStatus.CLOSED:
                deadlines.set("life/reopen_window", since + self.reopen_window, "the reopen window ends")

    @property
    def reopen_window(self) -> timedelta:
        return timedelta(days=self.ticket.settings.reopen_window_days)

    def _show(self, last: str) -> None:
        ticket, next_deadline = self.ticket, self.case.deadlines.next
        due = min((moment.moment.at for moment in self.moments.values()), default=None)
        attributes = [
            CASE_STATUS.value_set(ticket.status),
            TENANT.value_set(str(self.start.tenant_id)),
            PRIORITY.value_set(ticket.priority),
            ASSIGNEE.value_set(str(ticket.assignee_id)) if ticket.assignee_id else ASSIGNEE.value_unset(),
            TEAM.value_set(str(ticket.group_id)) if ticket.group_id else TEAM.value_unset(),
            DUE_AT.value_set(due) if due else DUE_AT.value_unset(),
        ]
        self.case.show(attributes, details(ticket, self.case.version, last, next_deadline))


_WAITS_FOR = {
    TicketStatus.WAITING_FOR_RESPONSE: "the customer's reply",
    TicketStatus.ON_HOLD: "somebody to take it off hold",
    TicketStatus.ANSWERED: "the customer's reply, or a decision that it is resolved",
    TicketStatus.RESOLVED: "time: it closes when the customer stays silent",
    TicketStatus.CLOSED: "the end of its reopen window",
}


def details(ticket: TicketState, version: int, last: str, deadline: Deadline | None) -> str:
    """What an operator reads in the Temporal UI, in Markdown."""
    who = f"agent `{ticket.assignee_id}`" if ticket.assignee_id else "an agent: nobody has it yet"
    lines = [
        f"### {ticket.number}: {ticket.status.replace('_', ' ')}",
        f"- **Waits for** {_WAITS_FOR.get(ticket.status, who)}",
        f"- **Priority** {ticket.priority}",
        f"- **Last step** {last.replace('_', ' ')} (version {version})",
    ]
    if deadline and deadline.at:
        lines.append(f"- **Next deadline** {deadline.at:%Y-%m-%d %H:%M} UTC: {deadline.why}")
    return "\n".join(lines)
