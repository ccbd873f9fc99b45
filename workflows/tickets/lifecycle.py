"""The life of a ticket, from the customer's first message to the end of its reopen window.

    open -> answered | waiting_for_response | on_hold | in_progress -> resolved -> closed -> (reopened) open

Who moves it: customers reply (it opens again), agents reply and set states, and time does the rest: a ticket that waits
for its customer reminds twice and then resolves, a resolved one closes, a closed one can be reopened for a while. The
service level's warnings, breaches and escalations are deadlines too; when they fall is computed by the activity that
records a step, because calendars live in the database.

Updates: open, post_message, set_status, assign, transfer, set_priority, close, reopen, refresh_service_level.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseRef
    from activities.tickets.clocks import TicketMoment
    from activities.tickets.step import TicketActivities, TicketNotice, TicketState, TicketStep, TicketStepResult
    from domain.refusal import Refusal
    from domain.tickets import rules
    from domain.tickets.rules import TicketStatus
    from domain.tickets.sla.clocks import Moment, MomentKind
    from domain.tickets.sla.policy import EscalationAction
    from workflows.parts.case import CarriedCase, Case
    from workflows.parts.command import Command
    from workflows.parts.deadline import Deadline
    from workflows.parts.decision import decides, opens
    from workflows.tickets.messages import (
        Assign,
        Carried,
        OpenTicket,
        PostMessage,
        SetPriority,
        SetStatus,
        TicketStart,
        Transfer,
    )
    from workflows.tickets.view import details, search_attributes


@workflow.defn(name="TicketWorkflow")
class TicketWorkflow:
    @workflow.init
    def __init__(self, start: TicketStart) -> None:
        carried = start.carried or Carried(CarriedCase(), TicketState(), ())
        self.ticket = carried.ticket
        self.moments = {moment.name: moment for moment in carried.moments}
        self.case: Case[TicketStep, TicketStepResult] = Case(
            CaseRef(start.tenant_id, start.case_id),
            carried.case,
            take_step=TicketActivities.take_step,
            load=TicketActivities.load,
            adopt=self._adopt,
            due=self._on_due,
        )

    @workflow.run
    async def run(self, start: TicketStart) -> None:
        if not start.new and start.carried is None:
            await self.case.begin_from_row()
        await self.case.live()
        if not self.case.over:
            carried = Carried(self.case.carried(), self.ticket, tuple(self.moments.values()))
            workflow.continue_as_new(TicketStart(start.tenant_id, start.case_id, carried=carried))

    # What people ask for

    @opens
    def open(self, command: OpenTicket) -> TicketStep:
        """The first step: number, service level, first due times."""
        return self._step("opened", command, message_id=command.message_id)

    @decides
    def post_message(self, command: PostMessage) -> TicketStep:
        """A customer's reply opens the ticket, an agent's answers it, an internal note changes nothing."""
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

    @decides
    def set_status(self, command: SetStatus) -> TicketStep:
        if self.ticket.status is TicketStatus.CLOSED and command.status is TicketStatus.OPEN:
            return self._reopened(command)
        return self._step("status_changed", command, status=rules.transition(self.ticket.status, command.status))

    @decides
    def assign(self, command: Assign) -> TicketStep:
        self._refuse_when_closed()
        if command.assignee_id == self.ticket.assignee_id:
            raise Refusal("nothing_changes", "The ticket is already assigned like this.")
        return self._step("assigned", command, assignee_id=command.assignee_id)

    @decides
    def transfer(self, command: Transfer) -> TicketStep:
        """Hands the ticket to another group; who had it no longer has."""
        self._refuse_when_closed()
        if command.group_id == self.ticket.group_id:
            raise Refusal("nothing_changes", "The ticket is already with this group.")
        return self._step("transferred", command, group_id=command.group_id, assignee_id=None)

    @decides
    def set_priority(self, command: SetPriority) -> TicketStep:
        """Keeps what the clocks have consumed and recomputes what is left."""
        self._refuse_when_closed()
        if command.priority is self.ticket.priority:
            raise Refusal("nothing_changes", "The ticket already has this priority.")
        return self._step("priority_changed", command, priority=command.priority)

    @decides
    def close(self, command: Command) -> TicketStep:
        return self._step("closed", command, status=rules.transition(self.ticket.status, TicketStatus.CLOSED))

    @decides
    def reopen(self, command: Command) -> TicketStep:
        """Opens a resolved ticket, or a closed one within its window."""
        return self._reopened(command)

    def _reopened(self, command: Command) -> TicketStep:
        # A case whose clock was moved forward has an end that may lie ahead of the clock of the run that begins here.
        now = max(workflow.now(), self.ticket.as_of)
        rules.may_reopen(self.ticket.status, self.ticket.status_since, self._reopen_window, now)
        return self._step("reopened", command, status=TicketStatus.OPEN)

    @decides
    def refresh_service_level(self, command: Command) -> TicketStep:
        """The policy or its calendar has changed: the clocks are set anew, what they have consumed is kept."""
        return self._step("service_level_changed", command)

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
                return self._archived()

    def _auto_closed(self) -> TicketStep:
        return self._step(
            "closed",
            status=TicketStatus.CLOSED,
            reason=f"Resolved and silent for {self.ticket.settings.auto_close_days} days.",
            reopen_until=workflow.now() + self._reopen_window,
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

    def _archived(self) -> TicketStep:
        self.case.over = True
        return self._step("archived", reason="The reopen window has ended.")

    def _service_level_due(self, due: TicketMoment) -> TicketStep:
        step = partial(self._step, reason=due.why, moment=due.moment)
        if due.moment.what is MomentKind.WARN:
            return step("sla_warned", notices=(TicketNotice("sla_warning", "assignee"),))
        if due.moment.what is MomentKind.BREACH:
            told = (TicketNotice("sla_breach", "assignee"), TicketNotice("sla_breach", "role:manager"))
            return step("sla_breached", notices=told)
        match due.action:
            case EscalationAction.RAISE_PRIORITY:
                return step("escalated", priority=self.ticket.priority.raised())
            case EscalationAction.REASSIGN_GROUP:
                return step("escalated", group_id=UUID(due.target or ""), assignee_id=None)
            case _:
                return step("escalated", notices=(TicketNotice("sla_escalation", f"role:{due.target}"),))

    # What comes of a step

    def _step(
        self,
        kind: str,
        command: Command | None = None,
        *,
        reason: str | None = None,
        message_id: UUID | None = None,
        moment: Moment | None = None,
        reopen_until: datetime | None = None,
        notices: tuple[TicketNotice, ...] = (),
        **changes: Any,
    ) -> TicketStep:
        return TicketStep(
            **self.case.next_step(kind, command),
            reason=reason,
            changes={name: value for name, value in changes.items() if value != getattr(self.ticket, name)},
            message_id=message_id,
            moment=moment,
            reopen_until=reopen_until,
            notices=notices,
        )

    def _adopt(self, result: TicketStepResult, last_step: str) -> None:
        self.ticket = result.ticket
        self.moments = {moment.name: moment for moment in result.moments}
        self._plan()
        due_at = min((moment.moment.at for moment in self.moments.values()), default=None)
        self.case.show(
            search_attributes(self.case.ref.tenant_id, self.ticket, due_at),
            details(self.ticket, self.case.version, last_step, self.case.deadlines.next),
        )

    def _plan(self) -> None:
        """What becomes due now: the service level's moments, and what the status brings with time."""
        deadlines, settings, since = self.case.deadlines, self.ticket.settings, self.ticket.status_since
        deadlines.clear()
        for name, due in self.moments.items():
            deadlines.set(name, due.moment.at, due.why)
        match self.ticket.status:
            case TicketStatus.WAITING_FOR_RESPONSE:
                for days in settings.remind_after_days[self.ticket.reminders_sent :][:1]:
                    deadlines.set("life/remind", since + timedelta(days=days), "remind the customer")
                give_up = since + timedelta(days=settings.give_up_days)
                deadlines.set("life/give_up", give_up, "resolve: the customer does not answer")
            case TicketStatus.RESOLVED:
                close_at = since + timedelta(days=settings.auto_close_days)
                deadlines.set("life/auto_close", close_at, "close: resolved and silent")
            case TicketStatus.CLOSED if not self.case.over:
                deadlines.set("life/reopen_window", since + self._reopen_window, "the reopen window ends")

    @property
    def _reopen_window(self) -> timedelta:
        return timedelta(days=self.ticket.settings.reopen_window_days)
