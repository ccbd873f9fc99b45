"""The words that every kind of case shares."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID


class CaseKind(StrEnum):
    TICKET = "ticket"
    KYC = "kyc"
    QUOTE = "quote"
    QUOTE_REQUEST = "quote_request"


class ActorKind(StrEnum):
    USER = "user"
    SYSTEM = "system"


class CommandStatus(StrEnum):
    PENDING = "pending"
    DONE = "done"
    REFUSED = "refused"


class DeliveryStatus(StrEnum):
    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


@dataclass(frozen=True)
class Actor:
    """Who acts: a user by id, or the system when a deadline fires."""

    kind: ActorKind
    id: UUID | None = None


SYSTEM = Actor(ActorKind.SYSTEM)


def workflow_id(kind: str, case_id: UUID) -> str:
    """The id of the workflow that is this case: `{kind}/{uuid}`."""
    return f"{kind}/{case_id}"
