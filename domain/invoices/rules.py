"""What an invoice may do: its states and transitions, what may be paid, when it is due, and when dunning comes."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from uuid import UUID, uuid5
from zoneinfo import ZoneInfo

from domain.calendar import BusinessCalendar
from domain.cases import Party
from domain.invoices.settings import DunningSettings
from domain.refusal import Refusal

_CONTENTS = UUID("a6f6a0a2-6f3b-4ac4-9f0a-1de1c0b8f1d4")
_A_DAY = timedelta(days=1)


class InvoiceStatus(StrEnum):
    DRAFT = "draft"
    ISSUED = "issued"
    SENT = "sent"
    PARTIALLY_PAID = "partially_paid"
    PAID = "paid"
    OVERDUE = "overdue"
    CANCELLED = "cancelled"


class PaymentMethod(StrEnum):
    CASH = "cash"
    BANK_TRANSFER = "bank_transfer"
    CARD = "card"
    CHEQUE = "cheque"
    OTHER = "other"


_S = InvoiceStatus

TRANSITIONS: dict[InvoiceStatus, frozenset[InvoiceStatus]] = {
    _S.DRAFT: frozenset({_S.ISSUED, _S.CANCELLED}),
    _S.ISSUED: frozenset({_S.SENT, _S.PARTIALLY_PAID, _S.PAID, _S.OVERDUE, _S.CANCELLED}),
    _S.SENT: frozenset({_S.PARTIALLY_PAID, _S.PAID, _S.OVERDUE, _S.CANCELLED}),
    _S.PARTIALLY_PAID: frozenset({_S.PAID, _S.OVERDUE, _S.CANCELLED}),
    _S.OVERDUE: frozenset({_S.PAID, _S.CANCELLED}),
    _S.PAID: frozenset({_S.CANCELLED}),
    _S.CANCELLED: frozenset(),
}

WAITS_FOR: dict[InvoiceStatus, Party] = {
    _S.DRAFT: Party.US,
    _S.ISSUED: Party.US,
    _S.SENT: Party.CUSTOMER,
    _S.PARTIALLY_PAID: Party.CUSTOMER,
    _S.OVERDUE: Party.CUSTOMER,
    _S.CANCELLED: Party.US,
}
"""Of one that is cancelled and not over a payment is to be returned."""

FINISHED = frozenset({_S.PAID, _S.CANCELLED})
"""The states in which nothing is owed any more."""

NOT_YET_OVERDUE = frozenset({_S.ISSUED, _S.SENT, _S.PARTIALLY_PAID})

_OVER: dict[InvoiceStatus, tuple[str, str]] = {
    _S.PAID: ("invoice_paid", "This invoice has been paid."),
    _S.CANCELLED: ("invoice_cancelled", "This invoice has been cancelled."),
}


def transition(current: InvoiceStatus, to: InvoiceStatus) -> InvoiceStatus:
    """Returns `to` when an invoice in `current` may become it.

    Raises Refusal: `invoice_paid` or `invoice_cancelled` for one that is settled, `invoice_not_draft` for what only a
    draft may do, `invoice_not_issued` for what a draft may not.
    """
    if to in TRANSITIONS[current]:
        return to
    if current in _OVER:
        raise Refusal(*_OVER[current])
    if current is _S.DRAFT:
        raise Refusal("invoice_not_issued", "A draft has to be issued first.")
    if to is _S.ISSUED:
        raise Refusal("invoice_not_draft", "This invoice has been issued already.")
    raise Refusal("transition_not_allowed", f"An invoice that is {current} cannot become {to}.")


def require_draft(status: InvoiceStatus) -> None:
    """Raises Refusal `invoice_not_draft` for one that was issued or discarded: it never changes any more."""
    if status is not _S.DRAFT:
        raise Refusal("invoice_not_draft", "Only a draft can be edited: an invoice that was issued never changes.")


def require_sendable(status: InvoiceStatus, sent_at: datetime | None) -> None:
    """Raises Refusal unless it was issued, is owed and was not sent before (`invoice_sent`)."""
    _require_owed(status)
    if sent_at is not None:
        raise Refusal("invoice_sent", "This invoice has been sent already.")


def require_payable(status: InvoiceStatus, amount: int, owed: int, paid_at: datetime, now: datetime) -> None:
    """Raises Refusal: as `transition` for an invoice of which nothing is owed; `overpayment` above what is owed;
    `payment_in_future` for a payment of another day to come."""
    _require_owed(status)
    if amount > owed:
        raise Refusal("overpayment", "This is more than what is left to pay.")
    if paid_at > now + _A_DAY:
        raise Refusal("payment_in_future", "A payment is recorded once it was made.")


def _require_owed(status: InvoiceStatus) -> None:
    if status in _OVER:
        raise Refusal(*_OVER[status])
    if status is _S.DRAFT:
        raise Refusal("invoice_not_issued", "A draft has to be issued first.")


def first_content_of(invoice_id: UUID) -> UUID:
    """The id of what an invoice says when it is drawn up; an edit of a draft has another."""
    return uuid5(_CONTENTS, str(invoice_id))


def due_end(issued_at: datetime, due_days: int, timezone: str) -> datetime:
    """The moment (UTC) from which an invoice issued then is overdue: the end of the `due_days`th day after the issuing,
    in the tenant's timezone."""
    zone = ZoneInfo(timezone)
    day = issued_at.astimezone(zone).date() + timedelta(days=due_days + 1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def due_day(due_at: datetime, timezone: str) -> date:
    """The last day on which the invoice is paid in time, as it is printed."""
    return (due_at - timedelta(seconds=1)).astimezone(ZoneInfo(timezone)).date()


def local_year(at: datetime, timezone: str) -> int:
    """The year to whose numbers a paper issued at a moment belongs."""
    return at.astimezone(ZoneInfo(timezone)).year


def invoice_number(series: str, year: int, sequence: int) -> str:
    """A number of a gapless series, as `INV-2026-000042`."""
    return f"{series}-{year}-{sequence:06d}"


def next_dunning(
    due_at: datetime,
    settings: DunningSettings,
    level: int,
    *,
    last_at: datetime | None,
    not_before: datetime,
    calendar: BusinessCalendar,
    timezone: str,
) -> datetime:
    """When the reminder after the first `level` ones comes, or after the last of them the handing over: the first
    opening of the company on or after its day.

    What is late comes a day after what came before it, and nothing before `not_before`.
    """
    ahead = sorted(set(settings.dunning_days))[level:]
    days_after = ahead[0] if ahead else settings.hand_over_days
    day = due_day(due_at, timezone) + timedelta(days=days_after)
    earliest = max(datetime.combine(day, time(), ZoneInfo(timezone)).astimezone(UTC), not_before)
    if last_at is not None:
        earliest = max(earliest, last_at + _A_DAY)
    return calendar.add_open_seconds(earliest, 0)
