"""A ticket as its workflow knows it."""

from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from domain.cases import BEFORE_ALL, CaseKind, CaseState
from domain.tickets.rules import WAITS_FOR, TicketPriority, TicketStatus, transition
from domain.tickets.settings import TicketSettings
from domain.tickets.sla.clocks import Moment
from domain.tickets.sla.policy import EscalationAction


class ReplyBy(StrEnum):
    """Which side has written a public message."""

    AGENT = "agent"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class TicketMoment:
    """A warning, breach or escalation that the ticket's workflow waits for, with what the policy wants done then."""

    name: str
    moment: Moment
    why: str
    action: EscalationAction | None = None
    target: str | None = None


@dataclass(frozen=True, kw_only=True)
class TicketState(CaseState):
    """`moments` are the warnings, breaches and escalations still to come; `answer_by` is when the earliest of the
    answers is due, or was, that its clocks still run for; `as_of` is when the row was last written."""

    kind = CaseKind.TICKET
    transition = staticmethod(transition)
    waits_for = WAITS_FOR

    status: TicketStatus = TicketStatus.OPEN
    priority: TicketPriority = TicketPriority.MEDIUM
    assignee_id: UUID | None = None
    group_id: UUID | None = None
    reminders_sent: int = 0
    resolved_at: datetime | None = None
    closed_at: datetime | None = None
    archived_at: datetime | None = None
    settings: TicketSettings = field(default_factory=TicketSettings)
    moments: tuple[TicketMoment, ...] = ()
    answer_by: datetime | None = None
    as_of: datetime = BEFORE_ALL

    @property
    def owed_by(self) -> datetime | None:
        return self.answer_by

    @property
    def over(self) -> bool:
        return self.archived_at is not None

    def becomes(self, status: StrEnum, at: datetime) -> Self:
        to = super().becomes(status, at)
        resolved = {TicketStatus.RESOLVED: at, TicketStatus.CLOSED: self.resolved_at or at}.get(to.status)
        closed = at if to.status is TicketStatus.CLOSED else None
        return replace(to, reminders_sent=0, resolved_at=resolved, closed_at=closed)
