"""A ticket's life told in local times, for the tests of its SLA clocks."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from domain.calendar import BusinessCalendar, Window
from domain.tickets.rules import TicketPriority as P
from domain.tickets.rules import TicketStatus
from domain.tickets.sla import clocks as sla
from domain.tickets.sla.clock import Clock
from domain.tickets.sla.policy import ClockKind, Policy, Targets

PARIS = ZoneInfo("Europe/Paris")
OFFICE = BusinessCalendar("Europe/Paris", tuple(Window(day, 480, 1080) for day in range(5)))
POLICY = Policy(
    {
        P.LOW: Targets(480, 2400),
        P.MEDIUM: Targets(240, 1200, 240),
        P.HIGH: Targets(60, 240, 60),
        P.URGENT: Targets(15, 120, 30),
    }
)


def on(day: int, time: str) -> datetime:
    """A local time in Paris in November 2026; the 19th is a Thursday."""
    return datetime.fromisoformat(f"2026-11-{day:02}T{time}").replace(tzinfo=PARIS).astimezone(UTC)


class Story:
    """A caller who tells a ticket what happens, and records what is overdue first."""

    def __init__(
        self,
        day: int,
        time: str,
        priority: P = P.HIGH,
        calendar: BusinessCalendar = OFFICE,
        policy: Policy = POLICY,
    ) -> None:
        self.priority, self.calendar, self.policy, self.status = priority, calendar, policy, TicketStatus.OPEN
        self.clocks = sla.open_ticket(on(day, time), priority, policy, calendar)
        self.said: list[str] = []

    def until(self, at: datetime) -> None:
        while due := sla.overdue(self.clocks, self.policy, self.calendar, at):
            self.said.append(f"{due[0].what} {due[0].clock} {due[0].at.astimezone(PARIS):%d %H:%M}")
            self.clocks = sla.fire(self.clocks, self.policy, due[0])

    def becomes(self, status: TicketStatus, day: int, time: str) -> None:
        self.until(on(day, time))
        self.clocks = sla.status_changed(
            self.clocks, self.status, status, on(day, time), self.priority, self.policy, self.calendar
        )
        self.status = status

    def agent(self, day: int, time: str) -> None:
        self.until(on(day, time))
        self.clocks = sla.agent_replied(self.clocks, on(day, time), self.calendar)

    def customer(self, day: int, time: str) -> None:
        self.until(on(day, time))
        self.clocks = sla.customer_replied(self.clocks, on(day, time), self.priority, self.policy, self.calendar)

    def retarget(
        self,
        day: int,
        time: str,
        priority: P | None = None,
        calendar: BusinessCalendar | None = None,
        policy: Policy | None = None,
    ) -> None:
        self.until(on(day, time))
        was = self.calendar
        self.priority, self.calendar = priority or self.priority, calendar or was
        self.policy = policy or self.policy
        self.clocks = sla.retarget(
            self.clocks, on(day, time), self.priority, self.policy, self.calendar, was, "terms changed"
        )

    def clock(self, kind: ClockKind) -> Clock:
        clock = self.clocks.of(kind)
        assert clock is not None
        return clock

    def used(self, kind: ClockKind) -> float:
        return self.clock(kind).consumed_seconds / 60
