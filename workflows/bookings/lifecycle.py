"""The life of a booking: somebody's time, held, confirmed and kept.

    held -> pending | confirmed -> in_progress -> completed | no_show
    held, pending -> expired;  any that is not over -> cancelled

Its first step takes a place, which is held for some minutes until it is confirmed; where the service wants it, staff
confirm it then. Before its time people are reminded. When its time comes it begins and ends by itself, or waits for
somebody to check in, where the service asks for that, and is a no-show when nobody does. Moved, it gives its place back
in the same step that takes another. Who came is written to afterwards.

Updates: open, confirm, move, cancel, check_in, complete, no_show; claim_task, release_task, decide_task.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.bookings.step import REMINDER, BookingStep, PlaceWish
    from activities.cases.step import CaseNotice
    from domain.bookings import rules
    from domain.bookings.events import BookingEvent
    from domain.bookings.rules import BookingStatus, CancelCode
    from domain.bookings.state import BookingState
    from domain.cases import BEFORE_ALL
    from domain.people.permissions import Permission
    from domain.refusal import Refusal
    from domain.tasks.deeds import TaskStep
    from domain.tasks.rules import Decision, TaskKind
    from domain.tasks.schedule import TaskTerms
    from workflows.bookings.messages import CancelBooking, ConfirmBooking, MoveBooking, OpenBooking
    from workflows.bookings.view import due_as_shown_before, facts
    from workflows.parts.deadlines import Deadline
    from workflows.parts.decisions import decides, falls_due, opens
    from workflows.parts.lifecycle import Lifecycle
    from workflows.parts.messages import CaseStart, Command, DecideTask

_S = BookingStatus


@workflow.defn(name="BookingWorkflow")
class BookingWorkflow(Lifecycle[BookingState, BookingStep]):
    @workflow.init
    def __init__(self, start: CaseStart[BookingState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[BookingState]) -> None:
        await self.live(start)

    # What people ask for

    @opens
    def open(self, command: OpenBooking) -> BookingStep:
        """The first step: its number, and a place at that time; one of a series has its place already."""
        if command.series_id:
            return self._opened_by_its_series(command)
        told = (CaseNotice("booking_to_confirm", "customer"),) if command.by_guest else ()
        place = PlaceWish(command.start.astimezone(UTC), command.team_member_id)
        most = rules.MOST_HELD_BY_GUEST if command.by_guest else rules.MOST_HELD
        most_held = None if command.by_staff else most
        return self.step(BookingEvent.OPENED, command, place=place, most_held=most_held, notices=told)

    def _opened_by_its_series(self, command: OpenBooking) -> BookingStep:
        """Nobody is told of each one, and what its tenant has set is not known here before its first step."""
        born = replace(self.state, series_id=command.series_id)
        if command.auto_confirm:
            return self.step(BookingEvent.OPENED, command, to=self._confirmed(born))
        to = born.becomes(_S.PENDING, workflow.now())
        return self.step(
            BookingEvent.OPENED, command, to=to, tasks=(self._asking_staff(command.start, command.confirm_hours),)
        )

    @decides
    def confirm(self, command: ConfirmBooking) -> BookingStep:
        """Keeps the place; where staff confirm the service's bookings, a customer's confirmation asks them to."""
        rules.require_confirmable(self.state.status, by_customer=command.by_customer)
        if self.state.auto_confirm or not command.by_customer:
            return self._confirming(command, self.tasks.cancelling())
        to = self.state.becomes(_S.PENDING, workflow.now())
        return self.step(BookingEvent.ASKED_FOR, command, to=to, tasks=(self._asking_staff(self.state.starts_at),))

    def _confirming(self, command: Command, tasks: tuple[TaskStep, ...]) -> BookingStep:
        to, told = self._confirmed(self.state), self._telling("booking_confirmed")
        return self.step(BookingEvent.CONFIRMED, command, to=to, tasks=tasks, notices=told)

    def _confirmed(self, booking: BookingState) -> BookingState:
        now = workflow.now()
        return replace(booking.becomes(_S.CONFIRMED, now), confirmed_at=now, sequence=booking.sequence + 1)

    def _asking_staff(self, starts_at: datetime, hours: int | None = None) -> TaskStep:
        """They have half the time that is left at most: so somebody else still comes to it when they are late."""
        now, hours = workflow.now(), self.state.settings.confirm_hours if hours is None else hours
        return self.tasks.opening(
            TaskKind.BOOKING_CONFIRMATION,
            "agent",
            decisions=(Decision.APPROVE, Decision.REJECT),
            permission=Permission.BOOKINGS_WORK,
            terms=TaskTerms(
                due_minutes=hours * 60, no_later_than=now + (starts_at - now) / 2, escalate_minutes_after=(0,)
            ),
        )

    def settled(self, command: DecideTask, part: TaskStep) -> BookingStep:
        if command.decision is Decision.APPROVE:
            return self._confirming(command, (part,))
        return self._cancelled(CancelCode.NOT_CONFIRMED, command, (part,))

    @decides
    def move(self, command: MoveBooking) -> BookingStep:
        """Takes another place instead: all of it or nothing. Where staff confirm bookings they are asked anew: about
        what they have not answered yet, and about what is confirmed unless it is they who move it."""
        now, at = workflow.now(), command.start.astimezone(UTC)
        rules.require_movable(self.state.status, self.state.starts_at, now)
        if at == self.state.starts_at and command.team_member_id in (None, self.state.team_member_id):
            raise Refusal("nothing_changes", "The booking is at that time already.")
        place = PlaceWish(at, command.team_member_id)
        if self.state.status is _S.HELD:
            return self.step(BookingEvent.MOVED, command, place=place)
        waits = self.state.status is _S.PENDING
        if waits or (command.by_customer and not self.state.auto_confirm):
            to = self.state if waits else self.state.becomes(_S.PENDING, now)
            asking = (*self.tasks.cancelling(), self._asking_staff(at))
            return self.step(BookingEvent.MOVED, command, to=to, place=place, tasks=asking)
        # Reminders begin anew: what of them has passed by now is not sent.
        to = replace(self.state, sequence=self.state.sequence + 1, reminded_at=now)
        return self.step(BookingEvent.MOVED, command, to=to, place=place, notices=self._telling("booking_moved"))

    @decides
    def cancel(self, command: CancelBooking) -> BookingStep:
        """Gives the place back."""
        by_customer = command.code is CancelCode.BY_CUSTOMER
        rules.require_cancellable(self.state.status, self.state.starts_at, workflow.now(), by_customer=by_customer)
        return self._cancelled(command.code, command, self.tasks.cancelling())

    def _cancelled(self, code: CancelCode, command: Command, tasks: tuple[TaskStep, ...]) -> BookingStep:
        to = replace(self.state.becomes(_S.CANCELLED, workflow.now()), cancel_code=code)
        if to.confirmed_at:
            to = replace(to, sequence=to.sequence + 1)
        # Nobody counts on a place that was only held.
        # Nor is anybody told of each booking of a series that is called off as a whole.
        silent = self.state.status is _S.HELD or code is CancelCode.SERIES
        told = () if silent else self._telling("booking_cancelled")
        return self.step(BookingEvent.CANCELLED, command, to=to, tasks=tasks, notices=told)

    @decides
    def check_in(self, command: Command) -> BookingStep:
        """Says that who was expected is there."""
        rules.require_arrived(self.state.status, self.state.starts_at, workflow.now())
        to = self.state.becomes(_S.IN_PROGRESS, workflow.now())
        return self.step(BookingEvent.CHECKED_IN, command, to=to)

    @decides
    def complete(self, command: Command) -> BookingStep:
        """Says that it is done, which may be before its end."""
        rules.require_begun(self.state.status, _S.COMPLETED, self.state.starts_at, workflow.now())
        return self._completed(command)

    def _completed(self, command: Command | None = None) -> BookingStep:
        to = self.state.becomes(_S.COMPLETED, workflow.now())
        if self.state.settings.follow_up_hours is None:
            to = replace(to, followed_up_at=workflow.now())
        return self.step(BookingEvent.COMPLETED, command, to=to)

    @decides
    def no_show(self, command: Command) -> BookingStep:
        """Says that nobody came."""
        rules.require_begun(self.state.status, _S.NO_SHOW, self.state.starts_at, workflow.now())
        return self._nobody_came(command)

    def _nobody_came(self, command: Command | None = None) -> BookingStep:
        to = self.state.becomes(_S.NO_SHOW, workflow.now())
        return self.step(BookingEvent.NO_SHOW, command, to=to, notices=self._telling("booking_no_show"))

    def _telling(self, template: str) -> tuple[CaseNotice, ...]:
        return (CaseNotice(template, "requester" if self.state.requester_id else "customer"),)

    # What time does

    def plan(self) -> None:
        plan = {
            _S.HELD: self._plan_hold,
            _S.PENDING: self._plan_wait,
            _S.CONFIRMED: self._plan_coming,
            _S.IN_PROGRESS: self._plan_end,
            _S.COMPLETED: self._plan_follow_up,
        }
        plan[self.state.status]()

    def _plan_hold(self) -> None:
        if self.state.held_until_at:
            self._at("expire", self.state.held_until_at, "expire: its place is held no longer")

    def _plan_wait(self) -> None:
        self._at("expire", self.state.starts_at, "expire: nobody has confirmed it")

    def _plan_coming(self) -> None:
        for place, at in enumerate(self.state.remind_at):
            if at > self._reminded_until:
                self._at(f"remind/{place}", at, "remind who has booked")
        if self.state.check_in:
            wait = timedelta(minutes=self.state.settings.no_show_minutes)
            self._at("no_show", self.state.starts_at + wait, "no-show: nobody has checked in")
        else:
            self._at("begin", self.state.starts_at, "begin")

    @property
    def _reminded_until(self) -> datetime:
        """What of its reminders lies at or before this is done with."""
        return max(each for each in (self.state.reminded_at, self.state.confirmed_at, BEFORE_ALL) if each)

    def _plan_end(self) -> None:
        self._at("end", self.state.ends_at, "complete: its time is over")

    def _plan_follow_up(self) -> None:
        hours = self.state.settings.follow_up_hours or 0
        self._at("follow_up", self.state.status_since + timedelta(hours=hours), "write to who came")

    def _at(self, name: str, at: datetime, why: str) -> None:
        self.case.deadlines.set(name, at, why)

    @falls_due("expire")
    def _not_confirmed(self, _: Deadline) -> BookingStep:
        asked = self.state.status is _S.PENDING
        why = "Nobody has confirmed it before its time." if asked else "It was not confirmed while it was held."
        to, told = self.state.becomes(_S.EXPIRED, workflow.now()), self._telling("booking_expired") if asked else ()
        return self.step(BookingEvent.EXPIRED, to=to, reason=why, tasks=self.tasks.cancelling(), notices=told)

    @falls_due("remind")
    def _remind(self, _: Deadline) -> BookingStep:
        """However many are late, people are reminded once, and not of what has begun."""
        now = workflow.now()
        told = self._telling(REMINDER) if now < self.state.starts_at else ()
        return self.step(BookingEvent.REMINDED, to=replace(self.state, reminded_at=now), notices=told)

    @falls_due("begin")
    def _begin(self, _: Deadline) -> BookingStep:
        return self.step(BookingEvent.BEGUN, to=self.state.becomes(_S.IN_PROGRESS, workflow.now()))

    @falls_due("no_show")
    def _not_come(self, _: Deadline) -> BookingStep:
        return self._nobody_came()

    @falls_due("end")
    def _over(self, _: Deadline) -> BookingStep:
        return self._completed()

    @falls_due("follow_up")
    def _follow_up(self, _: Deadline) -> BookingStep:
        to = replace(self.state, followed_up_at=workflow.now())
        return self.step(BookingEvent.FOLLOWED_UP, to=to, notices=self._telling("booking_follow_up"))

    # What an operator sees

    def due_as_shown_before(self) -> datetime | None:
        return due_as_shown_before(self.state)

    def facts(self) -> list[str]:
        return facts(self.state)
