"""A quote as its workflow knows it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.cases import CaseKind, CaseState
from domain.quotes.rules import FINISHED, WAITS_FOR, QuoteStatus, transition
from domain.quotes.settings import QuoteSettings


@dataclass(frozen=True, kw_only=True)
class QuoteState(CaseState):
    """`total` is in minor units, with tax; `largest_discount_bp` is that of its content."""

    kind = CaseKind.QUOTE
    transition = staticmethod(transition)
    waits_for = WAITS_FOR

    quote_version: int = 1
    status: QuoteStatus = QuoteStatus.DRAFT
    content_id: UUID | None = None
    total: int | None = None
    largest_discount_bp: int = 0
    author_id: UUID | None = None
    submitted_by: UUID | None = None
    sent_at: datetime | None = None
    valid_until: datetime | None = None
    reminded_at: datetime | None = None
    answer_id: UUID | None = None
    superseded_by_id: UUID | None = None
    deleted_at: datetime | None = None
    settings: QuoteSettings = field(default_factory=QuoteSettings)

    @property
    def over(self) -> bool:
        return self.status in FINISHED or self.deleted_at is not None
