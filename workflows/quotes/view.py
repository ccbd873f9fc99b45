"""What an operator sees of a quote in the Temporal UI."""

from datetime import datetime

from domain.quotes.rules import QuoteStatus
from domain.quotes.state import QuoteState

WAITS_FOR = {
    QuoteStatus.DRAFT: "its author, to submit it",
    QuoteStatus.REJECTED: "its author, to edit it",
    QuoteStatus.APPROVED: "somebody to send it",
    QuoteStatus.SENT: "the customer's answer",
}


def due_as_shown_before(quote: QuoteState) -> datetime | None:
    """When the validity of a sent quote ends."""
    return quote.valid_until if quote.status is QuoteStatus.SENT else None


def facts(quote: QuoteState) -> list[str]:
    """Which version it is, and whether it was deleted, as lines of Markdown."""
    deleted = ["- **Deleted** by its author"] if quote.deleted_at else []
    return [f"- **Version** {quote.quote_version} of the quote", *deleted]
