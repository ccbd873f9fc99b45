"""What an operator sees of an identity check in the Temporal UI."""

from datetime import datetime

from domain.customers.states import KycStatus
from domain.kyc.state import KycState

WAITS_FOR = {
    KycStatus.COLLECTING: "the customer: documents, and to submit them",
    KycStatus.CHANGES_REQUESTED: "the customer: what the reviewer asked for",
    KycStatus.APPROVED: "time: until a document expires",
    KycStatus.REJECTED: "the customer, who may begin anew with a document",
    KycStatus.EXPIRED: "the customer: a valid document",
}


def due_as_shown_before(kyc: KycState) -> datetime | None:
    """When the requested changes are due."""
    return kyc.due_at


def facts(kyc: KycState) -> list[str]:
    """How risky it is, as a line of Markdown."""
    return [f"- **Risk** {kyc.risk}"]
