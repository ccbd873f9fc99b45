"""An invoice as its workflow knows it."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from domain.cases import CaseKind, CaseState
from domain.invoices.rules import FINISHED, WAITS_FOR, InvoiceStatus, transition
from domain.invoices.settings import DunningSettings


@dataclass(frozen=True, kw_only=True)
class InvoiceState(CaseState):
    """Amounts are in minor units: `total` is what is to be paid, `paid_amount` what was, `refund_due` what is to be
    returned after a cancellation.

    `dunning_level` counts the reminders sent; `dunning_at` is when the next one comes, or, after the last of them, when
    the invoice is handed over to staff.
    """

    kind = CaseKind.INVOICE
    transition = staticmethod(transition)
    waits_for = WAITS_FOR

    status: InvoiceStatus = InvoiceStatus.DRAFT
    content_id: UUID | None = None
    order_id: UUID | None = None
    total: int = 0
    paid_amount: int = 0
    issued_at: datetime | None = None
    sent_at: datetime | None = None
    due_at: datetime | None = None
    paid_at: datetime | None = None
    dunning_level: int = 0
    dunned_at: datetime | None = None
    dunning_at: datetime | None = None
    handed_over_at: datetime | None = None
    cancelled_at: datetime | None = None
    refund_due: int = 0
    refunded_at: datetime | None = None
    settings: DunningSettings = field(default_factory=DunningSettings)

    @property
    def owed(self) -> int:
        """What is left to pay."""
        return self.total - self.paid_amount

    @property
    def last_reminder_sent(self) -> bool:
        return self.dunning_level >= len(set(self.settings.dunning_days))

    @property
    def over(self) -> bool:
        """Paid, or cancelled with nothing to be returned: a later command begins a new run from the row."""
        return self.status in FINISHED and (self.refund_due == 0 or self.refunded_at is not None)
