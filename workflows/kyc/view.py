"""What an operator sees of an identity check in the Temporal UI."""

from typing import Any

from temporalio.common import SearchAttributeUpdate

from domain.customers.states import KycStatus
from domain.kyc.state import KycState
from workflows.parts.attributes import DUE_AT

WAITS_FOR = {
    KycStatus.COLLECTING: "the customer: documents, and to submit them",
    KycStatus.CHANGES_REQUESTED: "the customer: what the reviewer asked for",
    KycStatus.APPROVED: "time: until a document expires",
    KycStatus.REJECTED: "the customer, who may begin anew with a document",
    KycStatus.EXPIRED: "the customer: a valid document",
}


def attributes(kyc: KycState) -> list[SearchAttributeUpdate[Any]]:
    """When the review or the requested changes are due."""
    return [DUE_AT.value_set(kyc.due_at) if kyc.due_at else DUE_AT.value_unset()]


def facts(kyc: KycState) -> list[str]:
    """How risky it is, as a line of Markdown."""
    return [f"- **Risk** {kyc.risk}"]
