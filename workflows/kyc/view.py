"""What an operator sees of an identity check in the Temporal UI."""

from typing import Any
from uuid import UUID

from temporalio.common import SearchAttributeUpdate

from activities.kyc.step import KycState
from domain.customers.states import KycStatus
from workflows.parts.case import CASE_STATUS, DUE_AT, TENANT
from workflows.parts.deadline import Deadline

_WAITS_FOR = {
    KycStatus.COLLECTING: "the customer: documents, and to submit them",
    KycStatus.CHANGES_REQUESTED: "the customer: what the reviewer asked for",
    KycStatus.APPROVED: "time: until a document expires",
    KycStatus.REJECTED: "the customer, who may begin anew with a document",
    KycStatus.EXPIRED: "the customer: a valid document",
}


def search_attributes(tenant_id: UUID, kyc: KycState) -> list[SearchAttributeUpdate[Any]]:
    """What identity checks are found by, besides who may act on their tasks."""
    return [
        CASE_STATUS.value_set(kyc.status),
        TENANT.value_set(str(tenant_id)),
        DUE_AT.value_set(kyc.due_at) if kyc.due_at else DUE_AT.value_unset(),
    ]


def details(kyc: KycState, tasks: list[str], version: int, last_step: str, deadline: Deadline | None) -> str:
    """Status, who it waits for (`tasks` say it of people), the last step and the next deadline, in Markdown."""
    lines = [
        f"### {kyc.number}: {kyc.status.replace('_', ' ')}",
        f"- **Since** {kyc.status_since:%Y-%m-%d %H:%M} UTC",
        *tasks,
        f"- **Risk** {kyc.risk}",
        f"- **Last step** {last_step.replace('_', ' ')} (version {version})",
    ]
    if waits_for := _WAITS_FOR.get(kyc.status):
        lines.insert(2, f"- **Waits for** {waits_for}")
    if deadline:
        lines.append(f"- **Next deadline** {deadline.at:%Y-%m-%d %H:%M} UTC: {deadline.why}")
    return "\n".join(lines)
