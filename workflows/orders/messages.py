"""What an order is asked, by people and by its invoice."""

from dataclasses import dataclass
from uuid import UUID

from domain.orders.settings import OrderSettings
from workflows.parts.messages import Command


@dataclass(frozen=True, kw_only=True)
class OpenOrder(Command):
    """`validated` orders need nobody's look: what they want of the stock is claimed at once. For the others staff have
    `validation_hours`. `quote_id` is the quote that it comes of, which hears of it."""

    content_id: UUID
    validated: bool = False
    validation_hours: int = OrderSettings.validation_hours
    quote_id: UUID | None = None


@dataclass(frozen=True, kw_only=True)
class EditOrder(Command):
    """`content_id` is what is ordered instead."""

    content_id: UUID


@dataclass(frozen=True, kw_only=True)
class CancelOrder(Command):
    by_customer: bool = False


@dataclass(frozen=True, kw_only=True)
class DeliverOrder(Command):
    """`delivery_id` is the row with the proof."""

    delivery_id: UUID


@dataclass(frozen=True, kw_only=True)
class InvoiceTells(Command):
    """What the order's invoice says of itself; `credited` when it was cancelled by a credit note."""

    invoice_id: UUID
    credited: bool = False
