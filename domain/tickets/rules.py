"""What a ticket may do: its states, the transitions between them, and its priorities."""

from datetime import datetime, timedelta
from enum import StrEnum

from domain.cases import Party
from domain.refusal import Refusal


class TicketStatus(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    WAITING_FOR_RESPONSE = "waiting_for_response"
    ON_HOLD = "on_hold"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"


class TicketPriority(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    URGENT = "urgent"

    def raised(self) -> "TicketPriority":
        """The next priority up; urgent stays urgent."""
        ladder = list(TicketPriority)
        return ladder[min(ladder.index(self) + 1, len(ladder) - 1)]


_ANSWERED_BY_A_REPLY = frozenset({TicketStatus.OPEN, TicketStatus.IN_PROGRESS})

_ALL = frozenset(TicketStatus)
_S = TicketStatus

TRANSITIONS: dict[TicketStatus, frozenset[TicketStatus]] = {
    _S.OPEN: _ALL - {_S.OPEN},
    _S.ANSWERED: _ALL - {_S.ANSWERED},
    _S.WAITING_FOR_RESPONSE: _ALL - {_S.WAITING_FOR_RESPONSE},
    _S.ON_HOLD: _ALL - {_S.ON_HOLD},
    _S.IN_PROGRESS: _ALL - {_S.IN_PROGRESS},
    _S.RESOLVED: frozenset({_S.OPEN, _S.CLOSED}),
    _S.CLOSED: frozenset({_S.OPEN}),
}

WAITS_FOR: dict[TicketStatus, Party] = {
    _S.OPEN: Party.US,
    _S.IN_PROGRESS: Party.US,
    _S.ON_HOLD: Party.US,
    _S.ANSWERED: Party.CUSTOMER,
    _S.WAITING_FOR_RESPONSE: Party.CUSTOMER,
    _S.RESOLVED: Party.TIME,
}


def transition(current: TicketStatus, to: TicketStatus) -> TicketStatus:
    """Returns `to` when a ticket in `current` may become it.

    Raises Refusal `ticket_closed` for a closed ticket (it only reopens), `transition_not_allowed` otherwise.
    """
    if to in TRANSITIONS[current]:
        return to
    if current is TicketStatus.CLOSED:
        raise closed()
    raise Refusal("transition_not_allowed", f"A ticket that is {current} cannot become {to}.")


def answered(status: TicketStatus) -> TicketStatus:
    """The status after an agent's public reply to a ticket in `status`, unless the agent names another."""
    return TicketStatus.ANSWERED if status in _ANSWERED_BY_A_REPLY else status


def may_reopen(status: TicketStatus, since: datetime, window: timedelta, now: datetime) -> None:
    """Raises Refusal unless a ticket in `status` since then (UTC) may be reopened: `not_resolved`, or, for a closed one
    whose window has passed, `reopen_window_passed`."""
    if status not in (TicketStatus.RESOLVED, TicketStatus.CLOSED):
        raise Refusal("not_resolved", "Only a resolved or closed ticket can be reopened.")
    if status is TicketStatus.CLOSED and now >= since + window:
        raise Refusal("reopen_window_passed", "This ticket was closed too long ago; please open a new one.")


def closed() -> Refusal:
    """The refusal of a closed ticket, for everything but reopening and internal notes."""
    return Refusal("ticket_closed", "This ticket is closed. Staff can reopen it within the reopen window.")
