"""What an operator sees of a quote in the Temporal UI."""

from typing import Any

from temporalio.common import SearchAttributeUpdate

from domain.quotes.rules import QuoteStatus
from domain.quotes.state import QuoteState
from workflows.parts.attributes import DUE_AT

WAITS_FOR = {
    QuoteStatus.DRAFT: "its author, to submit it",
    QuoteStatus.REJECTED: "its author, to edit it",
    QuoteStatus.APPROVED: "somebody to send it",
    QuoteStatus.SENT: "the customer's answer",
}


def attributes(quote: QuoteState) -> list[SearchAttributeUpdate[Any]]:
    """A sent quote is due when its validity ends."""
    waits = quote.status is QuoteStatus.SENT and quote.valid_until
    return [DUE_AT.value_set(waits) if waits else DUE_AT.value_unset()]


def facts(quote: QuoteState) -> list[str]:
    """Which version it is, and whether it was deleted, as lines of Markdown."""
    deleted = ["- **Deleted** by its author"] if quote.deleted_at else []
    return [f"- **Version** {quote.quote_version} of the quote", *deleted]
