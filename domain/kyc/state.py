"""An identity check as its workflow knows it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Self
from uuid import UUID

from domain.cases import CaseKind, CaseState
from domain.customers.states import CustomerKind, KycStatus
from domain.kyc.rules import WAITS_FOR, Document, Risk, transition
from domain.kyc.settings import KycSettings


@dataclass(frozen=True, kw_only=True)
class KycState(CaseState):
    """`documents` are those that were taken and not removed, oldest first."""

    kind = CaseKind.KYC
    transition = staticmethod(transition)
    waits_for = WAITS_FOR

    status: KycStatus = KycStatus.COLLECTING
    customer_kind: CustomerKind = CustomerKind.INDIVIDUAL
    risk: Risk = Risk.NORMAL
    risk_by_hand: bool = False
    expected_volume: int | None = None
    submitted_by: UUID | None = None
    due_at: datetime | None = None
    reminded_until: datetime | None = None
    expired_since: datetime | None = None
    grace_ended_at: datetime | None = None
    documents: tuple[Document, ...] = ()
    settings: KycSettings = field(default_factory=KycSettings)

    @property
    def over(self) -> bool:
        """Never: it lasts as long as the customer stays."""
        return False

    def having(self, documents: Iterable[Document]) -> Self:
        """The check with these documents as they are here, new ones after those that it has."""
        changed = {document.id: document for document in documents}
        kept = tuple(changed.pop(document.id, document) for document in self.documents)
        return replace(self, documents=(*kept, *changed.values()))
