"""What an operator sees of a quote in the Temporal UI."""

from typing import Any
from uuid import UUID

from temporalio.common import SearchAttributeUpdate

from activities.quotes.step import QuoteState
from domain.quotes.rules import QuoteStatus
from workflows.parts.case import CASE_STATUS, DUE_AT, TENANT
from workflows.parts.deadline import Deadline

_WAITS_FOR = {
    QuoteStatus.DRAFT: "its author, to submit it",
    QuoteStatus.REJECTED: "its author, to edit it",
    QuoteStatus.APPROVED: "somebody to send it",
    QuoteStatus.SENT: "the customer's answer",
}


def search_attributes(tenant_id: UUID, quote: QuoteState) -> list[SearchAttributeUpdate[Any]]:
    """What quotes are found by, besides who may act on them; a sent one is due when its validity ends."""
    waits = quote.status is QuoteStatus.SENT and quote.valid_until
    return [
        CASE_STATUS.value_set(quote.status),
        TENANT.value_set(str(tenant_id)),
        DUE_AT.value_set(waits) if waits else DUE_AT.value_unset(),
    ]


def details(
    quote: QuoteState, version: int, last_step: str, deadline: Deadline | None, waits_for_people: list[str]
) -> str:
    """Status, who it waits for, the last step and the next deadline, in Markdown."""
    lines = [
        f"### {quote.number} version {quote.quote_version}: {quote.status.replace('_', ' ')}",
        f"- **Since** {quote.status_since:%Y-%m-%d %H:%M} UTC",
        *waits_for_people,
    ]
    if quote.deleted_at:
        lines.append("- **Deleted** by its author")
    elif awaited := _WAITS_FOR.get(quote.status):
        lines.append(f"- **Waits for** {awaited}")
    lines.append(f"- **Last step** {last_step.replace('_', ' ')} (version {version} of the case)")
    if deadline and deadline.at:
        lines.append(f"- **Next deadline** {deadline.at:%Y-%m-%d %H:%M} UTC: {deadline.why}")
    return "\n".join(lines)
