"""What the routes of deliveries give out."""

from datetime import datetime
from enum import StrEnum
from typing import Self
from uuid import UUID

from api.http.payloads import View
from domain.cases import CaseKind, DeliveryStatus
from models.cases import DeliveryRow


class Progress(StrEnum):
    """How far a message has come: `deferred` is one that waits for its next attempt, `failed` one that is tried no
    more, `bounced` one that was sent and did not arrive."""

    PENDING = "pending"
    SENDING = "sending"
    DEFERRED = "deferred"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"


class DeliveryView(View):
    """One message to one recipient: somebody's account, a customer's own address, or somebody from outside who takes
    part in a ticket."""

    id: UUID
    case_kind: CaseKind
    case_id: UUID
    channel: str
    template: str
    recipient_id: UUID | None
    customer_id: UUID | None
    participant_id: UUID | None
    status: Progress
    attempts: int
    error_code: str | None
    message_id: str | None
    created_at: datetime
    due_at: datetime
    claimed_at: datetime | None
    sent_at: datetime | None
    correlation_id: str

    @classmethod
    def of(cls, row: DeliveryRow) -> Self:
        """As staff see it."""
        return cls.model_validate(row.model_dump() | {"status": progress_of(row)})


def progress_of(row: DeliveryRow) -> Progress:
    """How far this message has come."""
    put_off = row.status is DeliveryStatus.SENDING and row.error_code is not None
    return Progress.DEFERRED if put_off else Progress(row.status.value)
