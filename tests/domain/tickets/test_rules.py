"""Every pair of ticket statuses, as the table of the specification has it."""

import pytest

from domain.refusal import Refusal
from domain.tickets.rules import TicketPriority, TicketStatus, transition

ACTIVE = ("answered", "waiting_for_response", "on_hold", "in_progress")
EVERY = ("open", *ACTIVE, "resolved", "closed")

ALLOWED = {
    "open": {"answered", "in_progress", "waiting_for_response", "on_hold", "resolved", "closed"},
    **{status: set(EVERY) - {status} for status in ACTIVE},
    "resolved": {"open", "closed"},
    "closed": {"open"},
}


@pytest.mark.parametrize("current", EVERY)
@pytest.mark.parametrize("to", EVERY)
def test_a_ticket_becomes_what_the_table_allows_and_nothing_else(current: str, to: str) -> None:
    if to in ALLOWED[current]:
        assert transition(TicketStatus(current), TicketStatus(to)) is TicketStatus(to)
        return
    with pytest.raises(Refusal) as refusal:
        transition(TicketStatus(current), TicketStatus(to))
    assert refusal.value.code == ("ticket_closed" if current == "closed" else "transition_not_allowed")
    assert refusal.value.sentence.endswith(".")


def test_the_table_speaks_of_every_status() -> None:
    assert {status.value for status in TicketStatus} == set(EVERY)


@pytest.mark.parametrize(
    ("priority", "raised"), [("low", "medium"), ("medium", "high"), ("high", "urgent"), ("urgent", "urgent")]
)
def test_priority_is_raised_one_step_and_stops_at_urgent(priority: str, raised: str) -> None:
    assert TicketPriority(priority).raised() is TicketPriority(raised)
