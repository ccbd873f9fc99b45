"""What a quote may do: its states and transitions, when a manager must approve it, and how long it holds."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.cases import Party
from domain.quotes.settings import QuoteSettings
from domain.refusal import Refusal


class QuoteStatus(StrEnum):
    DRAFT = "draft"
    PENDING_APPROVAL = "pending_approval"
    APPROVED = "approved"
    REJECTED = "rejected"
    SENT = "sent"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"
    CONVERTED = "converted"


_S = QuoteStatus

TRANSITIONS: dict[QuoteStatus, frozenset[QuoteStatus]] = {
    _S.DRAFT: frozenset({_S.PENDING_APPROVAL, _S.APPROVED}),
    _S.PENDING_APPROVAL: frozenset({_S.APPROVED, _S.REJECTED, _S.DRAFT}),
    _S.APPROVED: frozenset({_S.SENT, _S.SUPERSEDED}),
    _S.REJECTED: frozenset({_S.DRAFT}),
    _S.SENT: frozenset({_S.ACCEPTED, _S.DECLINED, _S.EXPIRED, _S.SUPERSEDED, _S.WITHDRAWN}),
    _S.ACCEPTED: frozenset({_S.CONVERTED}),
    _S.DECLINED: frozenset({_S.SUPERSEDED}),
    _S.EXPIRED: frozenset({_S.SUPERSEDED}),
    _S.SUPERSEDED: frozenset(),
    _S.WITHDRAWN: frozenset({_S.SUPERSEDED}),
    _S.CONVERTED: frozenset(),
}

WAITS_FOR: dict[QuoteStatus, Party] = {
    _S.DRAFT: Party.US,
    _S.PENDING_APPROVAL: Party.US,
    _S.APPROVED: Party.US,
    _S.REJECTED: Party.US,
    _S.SENT: Party.CUSTOMER,
}

EDITABLE = frozenset({_S.DRAFT, _S.REJECTED})
"""The states in which its content can change; an edit makes a rejected one a draft again."""

FINISHED = frozenset({_S.ACCEPTED, _S.DECLINED, _S.EXPIRED, _S.SUPERSEDED, _S.WITHDRAWN, _S.CONVERTED})
"""The states in which the customer has answered or can answer no more: the run ends, and a later command begins a new
run from the row."""

_NEEDED: dict[QuoteStatus, tuple[str, str]] = {
    _S.PENDING_APPROVAL: ("quote_not_draft", "Only a draft can be submitted."),
    _S.APPROVED: ("quote_not_draft", "Only a draft can be submitted."),
    _S.DRAFT: ("quote_not_draft", "Only a draft, or one that was rejected, can be edited."),
    _S.SENT: ("quote_not_approved", "Only an approved quote can be sent, and once."),
    _S.ACCEPTED: ("quote_not_sent", "Only a quote that was sent can be answered."),
    _S.DECLINED: ("quote_not_sent", "Only a quote that was sent can be answered."),
    _S.WITHDRAWN: ("quote_not_sent", "Only what waits for its customer, or for an approval, can be withdrawn."),
    _S.CONVERTED: ("quote_not_accepted", "Only an accepted quote becomes an order."),
    _S.SUPERSEDED: ("quote_not_sent", "A draft is edited; another version follows one that left the house."),
}

_OVER: dict[QuoteStatus, tuple[str, str]] = {
    _S.ACCEPTED: ("quote_accepted", "This quote has been accepted: it never changes any more."),
    _S.DECLINED: ("quote_declined", "This quote has been declined."),
    _S.EXPIRED: ("quote_expired", "This quote has expired."),
    _S.SUPERSEDED: ("quote_superseded", "A newer version has replaced this quote."),
    _S.WITHDRAWN: ("quote_withdrawn", "This quote has been withdrawn."),
    _S.CONVERTED: ("quote_converted", "This quote has become an order."),
}
_ANSWERS = frozenset({_S.ACCEPTED, _S.DECLINED, _S.SUPERSEDED, _S.WITHDRAWN})


def transition(current: QuoteStatus, to: QuoteStatus) -> QuoteStatus:
    """Returns `to` when a quote in `current` may become it.

    Raises Refusal. Answering or replacing a quote that is settled is refused with what settled it (`quote_accepted`,
    `quote_expired`, ...); any other change with the state that it would need (`quote_not_draft`, `quote_not_approved`,
    `quote_not_sent`, `quote_not_accepted`).
    """
    if to in TRANSITIONS[current]:
        return to
    if to in _ANSWERS and current in _OVER:
        raise over(current)
    if to is current is _S.CONVERTED:
        raise over(current)
    raise Refusal(*_NEEDED.get(to, ("transition_not_allowed", f"A quote that is {current} cannot become {to}.")))


def over(status: QuoteStatus) -> Refusal:
    """The refusal for a quote that has been answered, has expired or was replaced. Raises KeyError for any other
    status."""
    return Refusal(*_OVER[status])


def require_editable(status: QuoteStatus) -> None:
    """Raises Refusal `quote_not_draft` unless a quote in this state may be edited."""
    if status not in EDITABLE:
        raise Refusal(*_NEEDED[_S.DRAFT])


def require_draft(status: QuoteStatus) -> None:
    """Raises Refusal `quote_not_draft` unless a quote in this state may be submitted."""
    if status is not _S.DRAFT:
        raise Refusal(*_NEEDED[_S.PENDING_APPROVAL])


def require_deletable(status: QuoteStatus, quote_version: int) -> None:
    """Raises Refusal `quote_not_draft`; `quote_replaces_another` for a draft that has superseded an earlier version,
    which would leave the customer with none."""
    if status is not _S.DRAFT:
        raise Refusal("quote_not_draft", "Only a draft can be deleted.")
    if quote_version > 1:
        raise Refusal("quote_replaces_another", "This draft has replaced an earlier version and stays in its place.")


def require_sent(status: QuoteStatus, valid_until: datetime | None, now: datetime) -> None:
    """Raises Refusal unless a quote can be sent again: `quote_not_sent`, or how it ended."""
    require_in_time(status, valid_until, now)
    if status in _OVER:
        raise over(status)
    if status is not _S.SENT:
        raise Refusal("quote_not_sent", "Only a quote that was sent can be sent again.")


def require_in_time(status: QuoteStatus, valid_until: datetime | None, now: datetime) -> None:
    """Raises Refusal `quote_expired` for a sent quote from the moment that its validity ends (UTC), whether or not
    anybody has noted it yet."""
    if status is _S.SENT and valid_until is not None and now >= valid_until:
        raise over(_S.EXPIRED)


def needs_approval(total: int, largest_discount_bp: int, settings: QuoteSettings) -> bool:
    """Whether a manager must approve a quote of this total (minor units, with tax) before it may be sent."""
    return largest_discount_bp > settings.approval_discount_bp or (
        settings.approval_total is not None and total > settings.approval_total
    )


def discount_given_bp(line_discounts_bp: list[int], document_discount_bp: int) -> int:
    """The largest discount that any line gets, its own and that of the whole quote taken together, rounded up: two
    discounts below the limit do not slip through as one above it."""
    kept = 10_000 - document_discount_bp
    return max((10_000 - (10_000 - bp) * kept // 10_000 for bp in line_discounts_bp), default=document_discount_bp)


def validity_end(sent_at: datetime, valid_days: int, timezone: str) -> datetime:
    """The moment (UTC) from which a quote sent then is no longer valid: the end of the `valid_days`th day after the
    sending, in the tenant's timezone."""
    zone = ZoneInfo(timezone)
    day = sent_at.astimezone(zone).date() + timedelta(days=valid_days + 1)
    return datetime.combine(day, time(), zone).astimezone(UTC)


def last_valid_day(valid_until: datetime, timezone: str) -> date:
    """The last day on which the quote can be accepted, as it is printed."""
    return (valid_until - timedelta(seconds=1)).astimezone(ZoneInfo(timezone)).date()
