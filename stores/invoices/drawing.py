"""Draws up invoices: writes the row of one and what it says, in the transaction of whoever needs it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.invoices.rules import PaymentMethod, first_content_of
from domain.invoices.settings import InvoiceSettings
from domain.invoices.stamp_duty import CURRENCY, stamp_duty
from domain.refusal import Refusal
from domain.tax import price
from models.invoices import Invoice, InvoiceContent, InvoiceLine
from models.tenants import Tenant
from stores.sales import SoldLine, amounts_of, write


@dataclass(frozen=True, kw_only=True)
class Words:
    """What an invoice says besides its lines; what is None is as the tenant has set it. `payment_method` is the one
    that is foreseen, because cash may cost a duty."""

    discount_bp: int = 0
    due_days: int | None = None
    payment_method: PaymentMethod | None = None
    notes: str | None = None
    terms: str | None = None


async def draw_up(
    session: AsyncSession,
    *,
    tenant_id: UUID,
    invoice_id: UUID,
    customer_id: UUID,
    order_id: UUID | None,
    quote_id: UUID | None,
    currency: str,
    locale: str,
    lines: Sequence[SoldLine],
    due_days: int | None,
    at: datetime,
    author_id: UUID,
    discount_bp: int = 0,
    notes: str | None = None,
) -> None:
    """Writes an invoice that nobody sees before its workflow is asked to open it. To do so twice changes nothing.

    Raises Refusal as `write_content`.
    """
    if await session.get(Invoice, invoice_id) is not None:
        return
    session.add(
        Invoice(
            id=invoice_id,
            tenant_id=tenant_id,
            created_at=at,
            customer_id=customer_id,
            author_id=author_id,
            order_id=order_id,
            quote_id=quote_id,
            currency=currency,
            locale=locale,
        )
    )
    await session.flush()
    words = Words(discount_bp=discount_bp, due_days=due_days, notes=notes)
    tenant = await session.get_one(Tenant, tenant_id)
    await write_content(session, tenant, invoice_id, currency, lines, words, first_content_of(invoice_id))


async def write_content(
    session: AsyncSession,
    tenant: Tenant,
    invoice_id: UUID,
    currency: str,
    lines: Sequence[SoldLine],
    words: Words,
    content_id: UUID,
) -> InvoiceContent:
    """Writes what an invoice is to say, priced; it counts once the workflow has taken it.

    Raises Refusal: as `domain.tax.price`; `nothing_to_pay` for a total of zero, which nobody could ever pay.
    """
    settings = InvoiceSettings.in_force(tenant.settings)
    totals = price([line.priced for line in lines], words.discount_bp)
    if totals.total == 0:
        raise Refusal("nothing_to_pay", "An invoice has something to be paid.")
    in_cash = words.payment_method is PaymentMethod.CASH
    duty = stamp_duty(totals.total, settings.stamp_duty_minimum) if in_cash and takes_duty(settings, currency) else 0
    content = InvoiceContent(
        id=content_id,
        tenant_id=tenant.id,
        invoice_id=invoice_id,
        discount_bp=words.discount_bp,
        due_days=settings.due_days if words.due_days is None else words.due_days,
        payment_method=words.payment_method,
        notes=words.notes,
        terms=words.terms or settings.terms,
        stamp_duty=duty,
        **amounts_of(totals, besides=duty),
    )
    await write(session, content, InvoiceLine, lines, totals)
    return content


def takes_duty(settings: InvoiceSettings, currency: str) -> bool:
    """Whether payments in cash cost the tenant's customers a stamp duty."""
    return settings.stamp_duty and currency == CURRENCY
