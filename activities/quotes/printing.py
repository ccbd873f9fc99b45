"""Prints a quote's content and keeps the file. Each content is printed once, so everybody gets the same bytes."""

import asyncio
from dataclasses import dataclass
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.papers.blocks import Customer as Addressee
from activities.papers.blocks import PaperLine
from activities.papers.keeping import keep, new_file, store
from activities.papers.quote import QuotePaper, print_quote
from domain.company import Company
from domain.quotes.papers import PrintedQuote, PrintQuote
from domain.quotes.rules import last_valid_day
from models.database import Database
from models.files import StoredFile
from models.people import Customer
from models.quotes import Quote, QuoteContent, QuoteDocument, QuoteLine
from models.tenants import Tenant
from stores.files.storage import FileStorage
from stores.quotes.contents import printed_quote
from stores.sales import lines_of, priced, totals_of


@dataclass(frozen=True)
class _Job:
    file: StoredFile
    content_id: UUID
    paper: QuotePaper


class QuoteDocumentActivities:
    def __init__(self, database: Database, storage: FileStorage) -> None:
        self._database = database
        self._storage = storage

    @activity.defn(name="quote_documents.print")
    async def print(self, order: PrintQuote) -> PrintedQuote:
        """Prints a quote unless that has been done. Raises StorageAway, to be tried again."""
        async with self._database.transaction(order.tenant_id) as session:
            quote = await session.get_one(Quote, order.quote_id)
            if done := await printed_quote(session, quote.id, quote.content_id, sent=order.sent):
                return PrintedQuote(done.id)
            job = await _prepare(session, quote, sent=order.sent)
        # In a thread, because a long paper would block the event loop for too long.
        pdf = await asyncio.to_thread(print_quote, job.paper)
        await store(self._storage, job.file, pdf)
        async with self._database.transaction(order.tenant_id) as session:
            printed = {"content_id": job.content_id, "sent": order.sent}
            return PrintedQuote(await keep(session, job.file, pdf, QuoteDocument, printed, quote_id=order.quote_id))


async def _prepare(session: AsyncSession, quote: Quote, *, sent: bool) -> _Job:
    """What is to be printed, and the row of a file for it, which comes before its bytes."""
    tenant = await session.get_one(Tenant, quote.tenant_id)
    customer = await session.get_one(Customer, quote.customer_id)
    content = await session.get_one(QuoteContent, quote.content_id)
    lines = await lines_of(session, QuoteLine, content.id)
    file = await new_file(session, quote.tenant_id, quote.author_id, f"{quote.number}-v{quote.quote_version}")
    sent_at, valid_until = (quote.sent_at, quote.valid_until) if sent else (None, None)
    paper = QuotePaper(
        number=quote.number or "",
        quote_version=quote.quote_version,
        company=Company.of(tenant.settings.get("company", {}), tenant.name),
        customer=Addressee(customer.company_name or customer.name, customer.address, customer.tax_id),
        lines=tuple(PaperLine(line.name, line.description, priced(line)) for line in lines),
        totals=totals_of(content, lines),
        currency=quote.currency,
        locale=quote.locale,
        timezone=tenant.timezone,
        valid_days=content.valid_days,
        discount_bp=content.discount_bp,
        issued_on=sent_at.astimezone(ZoneInfo(tenant.timezone)).date() if sent_at else None,
        last_valid_day=last_valid_day(valid_until, tenant.timezone) if valid_until else None,
        notes=content.notes,
        terms=content.terms,
    )
    return _Job(file, content.id, paper)
