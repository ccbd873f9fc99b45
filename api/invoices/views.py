"""Which invoices a caller may see, and what is read of them."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.cases.reader import Cases, Onlooker
from api.http.money import quantity_of
from api.identity.callers import Caller
from api.invoices.schemas import InvoiceView
from domain.cases import CaseKind
from domain.invoices.events import SHOWN_TO_CUSTOMERS
from domain.invoices.rules import FINISHED
from domain.people.permissions import Permission
from models.invoices import CreditNote, Invoice, InvoiceContent, InvoiceLine
from stores.sales import lines_of, totals_of


def _narrowed(query: sa.Select[Invoice], onlooker: Onlooker) -> sa.Select[Invoice]:
    """Customers see what was issued."""
    return query if onlooker.reads_all else query.where(col(Invoice.issued_at).is_not(None))


async def _views(session: AsyncSession, caller: Caller, invoices: Sequence[Invoice]) -> list[InvoiceView]:  # noqa: ARG001
    return [await _view_of(session, invoice) for invoice in invoices]


INVOICES = Cases(
    CaseKind.INVOICE,
    Invoice,
    at="/invoices/{}",
    read_all=Permission.INVOICES_READ_ALL,
    shown=SHOWN_TO_CUSTOMERS,
    views=_views,
    narrowed=_narrowed,
)


async def _view_of(session: AsyncSession, invoice: Invoice) -> InvoiceView:
    content = await session.get_one(InvoiceContent, invoice.content_id)
    lines = await lines_of(session, InvoiceLine, content.id)
    note = await session.get(CreditNote, invoice.credit_note_id) if invoice.credit_note_id else None
    return InvoiceView.model_validate(
        {
            **content.model_dump(include={"discount_bp", "due_days", "payment_method", "notes", "terms"}),
            **content.model_dump(include={"subtotal", "discount", "taxable", "tax", "stamp_duty"}),
            **invoice.model_dump(),
            "lines": [{**line.model_dump(), "quantity": quantity_of(line.quantity)} for line in lines],
            "taxes": [vars(tax) for tax in totals_of(content, lines).taxes],
            "owed": 0 if invoice.status in FINISHED else invoice.total - invoice.paid_amount,
            "credit_note": note.number if note else None,
        }
    )
