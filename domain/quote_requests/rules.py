"""What may become of a customer's request for a quote, and what its workflow knows of it."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.cases import CaseKind, CaseState, Party


class QuoteRequestStatus(StrEnum):
    """`declined` will have no quote, `closed` was answered in another way, `withdrawn` is not wanted any more."""

    OPEN = "open"
    QUOTED = "quoted"
    DECLINED = "declined"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


_S = QuoteRequestStatus
_SETTLED = frozenset(_S) - {_S.OPEN}

TRANSITIONS = {_S.OPEN: _SETTLED, **dict.fromkeys(_SETTLED, frozenset[_S]())}


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
    waits_for = {_S.OPEN: Party.US}
    settled = ("quote_request_settled", "This request has been answered already.")

    status: QuoteRequestStatus = QuoteRequestStatus.OPEN
    quote_id: UUID | None = None
