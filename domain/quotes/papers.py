"""Input and output of the activity that prints a quote."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True)
class PrintQuote:
    """Which quote to print: as it was `sent`, or as a draft of what it offers now."""

    tenant_id: UUID
    quote_id: UUID
    sent: bool


@dataclass(frozen=True)
class PrintedQuote:
    """The file that holds the paper."""

    file_id: UUID
