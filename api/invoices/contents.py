"""Writing what an invoice says, from what a request gives."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error
from api.invoices.schemas import InvoiceContentBody
from api.quotes.door import asked_lines
from domain.invoices.settings import InvoiceSettings
from domain.refusal import Refusal
from models.tenants import Tenant
from stores.invoices.drawing import Words, write_content


async def write(
    session: AsyncSession, tenant: Tenant, invoice_id: UUID, currency: str, body: InvoiceContentBody, content_id: UUID
) -> None:
    """Writes what an invoice is to say, priced; it counts once the workflow has taken it.

    Raises 422 for a product that is unknown or sold in another currency, and for amounts that cannot be.
    """
    usual_rate = InvoiceSettings.in_force(tenant.settings).tax_rate_bp
    lines = await asked_lines(session, body.lines, currency, usual_rate)
    words = Words(**body.model_dump(include={"discount_bp", "due_days", "payment_method", "notes", "terms"}))
    try:
        await write_content(session, tenant, invoice_id, currency, lines, words, content_id)
    except Refusal as refusal:
        raise field_error("lines", refusal.code, refusal.sentence) from None
