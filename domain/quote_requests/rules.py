"""What may become of a customer's request for a quote, and what its workflow knows of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.cases import CaseKind, CaseState, Party


class QuoteRequestStatus(StrEnum):
    """`quoted` has its quote; `declined` will have none, `closed` was answered in another way, and `withdrawn` is not
    wanted any more."""

    OPEN = "open"
    QUOTED = "quoted"
    DECLINED = "declined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


TRANSITIONS: dict[QuoteRequestStatus, frozenset[QuoteRequestStatus]] = {
    QuoteRequestStatus.OPEN: frozenset(QuoteRequestStatus) - {QuoteRequestStatus.OPEN},
    QuoteRequestStatus.QUOTED: frozenset(),
    QuoteRequestStatus.DECLINED: frozenset(),
    QuoteRequestStatus.CLOSED: frozenset(),
    QuoteRequestStatus.WITHDRAWN: frozenset(),
}

WAITS_FOR = {QuoteRequestStatus.OPEN: Party.US}


class QuoteRequestEvent(StrEnum):
    OPENED = "opened"
    QUOTED = "quoted"
    DECLINED = "declined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, kw_only=True)
class QuoteRequestState(CaseState):
    kind = CaseKind.QUOTE_REQUEST
    transitions = TRANSITIONS
    waits_for = WAITS_FOR
    settled = ("quote_request_settled", "This request has been answered already.")

    status: QuoteRequestStatus = QuoteRequestStatus.OPEN
    quote_id: UUID | None = None
