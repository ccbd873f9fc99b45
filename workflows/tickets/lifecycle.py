"""The life of a ticket, from the customer's first message to the end of its reopen window.

    open -> answered | waiting_for_response | on_hold | in_progress -> resolved -> closed -> (reopened) open

What moves it: customers reply (it opens again), agents reply and set states, and deadlines do the rest: a ticket that
waits for its customer reminds twice and then resolves, a resolved one closes, a closed one can be reopened for a while.
The service level's warnings, breaches and escalations are deadlines too; when they fall is computed by the activity
that records a step, because calendars live in the database.

Updates: open, post_message, set_status, assign, transfer, set_priority, close, reopen, refresh_service_level,
note_bounce, change_participants.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.step import CaseNotice
    from activities.tickets.step import TicketStep
    from domain.refusal import Refusal
    from domain.tickets import rules
    from domain.tickets.events import TicketEvent
    from domain.tickets.rules import TicketStatus
    from domain.tickets.sla.clocks import MomentKind
    from domain.tickets.sla.policy import EscalationAction, group_of
    from domain.tickets.state import ReplyBy, TicketMoment, TicketState
    from workflows.parts.attributes import Shown
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command
    from workflows.tickets.messages import (
        Assign,
        ChangeParticipants,
        NoteBounce,
        OpenTicket,
        PostMessage,
        SetPriority,
        SetStatus,
        Transfer,
    )
    from workflows.tickets.view import WAITS_FOR, attributes, due_as_shown_before, facts


@workflow.defn(name="TicketWorkflow")
class TicketWorkflow(Lifecycle[TicketState, TicketStep]):
    waits_for = WAITS_FOR

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)

    # What people ask for

    @opens
    def open(self, command: OpenTicket) -> TicketStep:
        """The first step: number, service level, first due times."""
        told = (CaseNotice("ticket_received", "requester"),) if command.receipt else ()
        opened = partial(self.step, message_id=command.message_id, participants=command.participants)
        return opened(TicketEvent.OPENED, command, chooses_terms=True, notices=told)

    @decides
    def post_message(self, command: PostMessage) -> TicketStep:
        """A customer's reply opens the ticket, an agent's answers it; notes and what machines wrote change nothing."""
        written = partial(self.step, message_id=command.message_id, participants=command.participants)
        if command.automatic:
            return written(TicketEvent.AUTOMATIC_MAIL, command)
        if command.internal:
            return written(TicketEvent.NOTE_ADDED, command)
        if self.state.status is TicketStatus.CLOSED:
            if not command.reopens:
                raise rules.closed()
            self._require_reopenable()
        if command.from_customer:
            to = self._in_status(TicketStatus.OPEN)
            # Not all who might take it: whoever looks at the list sees that it waits.
            told = (CaseNotice("ticket_replied", "assignee"),) if self.state.assignee_id else ()
            return written(TicketEvent.CUSTOMER_REPLIED, command, to=to, reply=ReplyBy.CUSTOMER, notices=told)
        to = self._in_status(command.status or rules.answered(self.state.status))
        told = (CaseNotice("ticket_answered", "requester"),)
        return written(TicketEvent.AGENT_REPLIED, command, to=to, reply=ReplyBy.AGENT, notices=told)

    @decides
    def set_status(self, command: SetStatus) -> TicketStep:
        if self.state.status is TicketStatus.CLOSED and command.status is TicketStatus.OPEN:
            return self._reopened(command)
        to = self.state.becomes(command.status, workflow.now())
        told = (CaseNotice("ticket_solved", "requester"),) if to.status is TicketStatus.RESOLVED else ()
        return self.step(TicketEvent.STATUS_CHANGED, command, to=to, notices=told)

    @decides
    def assign(self, command: Assign) -> TicketStep:
        self._refuse_when_closed()
        if command.assignee_id == self.state.assignee_id:
            raise Refusal("nothing_changes", "The ticket is already assigned like this.")
        to = replace(self.state, assignee_id=command.assignee_id)
        told = (CaseNotice("ticket_assigned", "assignee"),) if to.assignee_id else ()
        return self.step(TicketEvent.ASSIGNED, command, to=to, notices=told)

    @decides
    def transfer(self, command: Transfer) -> TicketStep:
        """Hands the ticket to another group; who had it no longer has."""
        self._refuse_when_closed()
        if command.group_id == self.state.group_id:
            raise Refusal("nothing_changes", "The ticket is already with this group.")
        to = replace(self.state, group_id=command.group_id, assignee_id=None)
        return self.step(TicketEvent.TRANSFERRED, command, to=to)

    @decides
    def set_priority(self, command: SetPriority) -> TicketStep:
        """Keeps what the clocks have consumed and recomputes what is left."""
        self._refuse_when_closed()
        if command.priority is self.state.priority:
            raise Refusal("nothing_changes", "The ticket already has this priority.")
        return self.step(TicketEvent.PRIORITY_CHANGED, command, to=replace(self.state, priority=command.priority))

    @decides
    def close(self, command: Command) -> TicketStep:
        return self.step(TicketEvent.CLOSED, command, to=self.state.becomes(TicketStatus.CLOSED, workflow.now()))

    @decides
    def reopen(self, command: Command) -> TicketStep:
        """Opens a resolved ticket, or a closed one within its window."""
        return self._reopened(command)

    def _require_reopenable(self) -> None:
        # A case whose clock was moved forward has an end that may lie ahead of the clock of the run that begins here.
        now = max(workflow.now(), self.state.as_of)
        rules.may_reopen(self.state.status, self.state.status_since, self._reopen_window, now)

    def _reopened(self, command: Command) -> TicketStep:
        self._require_reopenable()
        return self.step(TicketEvent.REOPENED, command, to=self.state.becomes(TicketStatus.OPEN, workflow.now()))

    @decides
    def refresh_service_level(self, command: Command) -> TicketStep:
        """The policy or its calendar has changed: the clocks are set anew, what they have consumed is kept."""
        return self.step(TicketEvent.SERVICE_LEVEL_CHANGED, command, chooses_terms=True)

    @decides
    def note_bounce(self, command: NoteBounce) -> TicketStep:
        """A message of ours did not arrive: whoever has the ticket is told."""
        told = (CaseNotice("ticket_bounced", "assignee"),)
        return self.step(TicketEvent.DELIVERY_BOUNCED, command, delivery_id=command.delivery_id, notices=told)

    @decides
    def change_participants(self, command: ChangeParticipants) -> TicketStep:
        return self.step(
            TicketEvent.PARTICIPANTS_CHANGED, command, participants=command.added, no_longer=command.removed
        )

    def _in_status(self, status: TicketStatus) -> TicketState:
        return self.state if status is self.state.status else self.state.becomes(status, workflow.now())

    def _refuse_when_closed(self) -> None:
        if self.state.status is TicketStatus.CLOSED:
            raise rules.closed()

    # What time does

    def plan(self) -> None:
        """What becomes due now: the service level's moments, and what the status brings with time."""
        due, settings, since = self.case.deadlines, self.state.settings, self.state.status_since
        for moment in self.state.moments:
            due.set(moment.name, moment.moment.at, moment.why)
        match self.state.status:
            case TicketStatus.WAITING_FOR_RESPONSE:
                for days in settings.remind_after_days[self.state.reminders_sent :][:1]:
                    due.set("remind", since + timedelta(days=days), "remind the customer")
                give_up = since + timedelta(days=settings.give_up_days)
                due.set("give_up", give_up, "resolve: the customer does not answer")
            case TicketStatus.RESOLVED:
                due.set("auto_close", since + timedelta(days=settings.auto_close_days), "close: resolved and silent")
            case TicketStatus.CLOSED:
                due.set("reopen_window", since + self._reopen_window, "the reopen window ends")

    @falls_due("remind")
    def _reminded(self, _: Deadline) -> TicketStep:
        return self.step(
            TicketEvent.REMINDED,
            to=replace(self.state, reminders_sent=self.state.reminders_sent + 1),
            reason="The customer was asked and has not answered.",
            notices=(CaseNotice("ticket_reminder", "requester"),),
        )

    @falls_due("give_up")
    def _given_up(self, _: Deadline) -> TicketStep:
        return self.step(
            TicketEvent.RESOLVED_UNANSWERED,
            to=self.state.becomes(TicketStatus.RESOLVED, workflow.now()),
            reason=f"The customer did not answer for {self.state.settings.give_up_days} days.",
            notices=(CaseNotice("ticket_resolved", "requester"),),
        )

    @falls_due("auto_close")
    def _auto_closed(self, _: Deadline) -> TicketStep:
        return self.step(
            TicketEvent.CLOSED,
            to=self.state.becomes(TicketStatus.CLOSED, workflow.now()),
            reason=f"Resolved and silent for {self.state.settings.auto_close_days} days.",
            reopen_until=workflow.now() + self._reopen_window,
            notices=(CaseNotice("ticket_closed", "requester"),),
        )

    @falls_due("reopen_window")
    def _archived(self, _: Deadline) -> TicketStep:
        to = replace(self.state, archived_at=workflow.now())
        return self.step(TicketEvent.ARCHIVED, to=to, reason="The reopen window has ended.")

    @falls_due("sla")
    def _service_level_due(self, deadline: Deadline) -> TicketStep:
        due = self._moment(deadline.name)
        step = partial(self.step, reason=due.why, moment=due.moment)
        if due.moment.what is MomentKind.WARN:
            return step(TicketEvent.SLA_WARNED, notices=(CaseNotice("sla_warning", "assignee"),))
        if due.moment.what is MomentKind.BREACH:
            told = (CaseNotice("sla_breach", "assignee"), CaseNotice("sla_breach", "role:manager"))
            return step(TicketEvent.SLA_BREACHED, notices=told)
        match due.action:
            case EscalationAction.RAISE_PRIORITY:
                return step(TicketEvent.ESCALATED, to=replace(self.state, priority=self.state.priority.raised()))
            case EscalationAction.REASSIGN_GROUP:
                # Whether the group is still there the activity sees; policies of before may name what is no group.
                group_id = group_of(due.target)
                to = replace(self.state, group_id=group_id, assignee_id=None) if group_id else self.state
                return step(TicketEvent.ESCALATED, to=to)
            case _:
                return step(TicketEvent.ESCALATED, notices=(CaseNotice("sla_escalation", f"role:{due.target}"),))

    def _moment(self, name: str) -> TicketMoment:
        return next(moment for moment in self.state.moments if moment.name == name)

    @property
    def _reopen_window(self) -> timedelta:
        return timedelta(days=self.state.settings.reopen_window_days)

    # What an operator sees

    def attributes(self) -> Shown:
        return attributes(self.state)

    def due_as_shown_before(self) -> datetime | None:
        return due_as_shown_before(self.state)

    def facts(self) -> list[str]:
        return facts(self.state)
