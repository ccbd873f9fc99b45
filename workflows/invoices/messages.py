"""The commands of an invoice."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from domain.invoices.rules import PaymentMethod
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class OpenInvoice(Command):
    """What an invoice says, written with the command or before it, and the order that it is for. `at_once` opens,
    issues and sends it in one step."""

    content_id: UUID
    order_id: UUID | None = None
    at_once: bool = False


@dataclass(frozen=True, kw_only=True)
class WriteInvoice(Command):
    """What a draft is to say, written with the command."""

    content_id: UUID


@dataclass(frozen=True, kw_only=True)
class RecordPayment(Command):
    """A payment that was made; the row `payment_id` has its reference."""

    payment_id: UUID
    amount: int
    method: PaymentMethod
    paid_at: datetime


@dataclass(frozen=True, kw_only=True)
class CancelInvoice(Command):
    """`code` is why another case asks for it; a person's words are with the command."""

    code: str | None = None
