"""Prints the papers of an invoice and keeps the files. Each is printed once, so everybody gets the same bytes."""

import asyncio
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from temporalio import activity

from activities.papers.blocks import Customer as Addressee
from activities.papers.blocks import PaperLine
from activities.papers.factur_x import MOST_DECIMALS, DataLine, InvoiceData, Party
from activities.papers.invoice import Bank, PrintedPaper, print_invoice
from activities.papers.keeping import keep, new_file, store
from activities.papers.language import language_of
from domain.company import Company
from domain.invoices.papers import InvoicePaper, PrintedInvoice, PrintInvoice
from domain.invoices.rules import due_day
from domain.invoices.settings import InvoiceSettings
from domain.money import exponent
from models.database import Database
from models.files import StoredFile
from models.invoices import CreditNote, Invoice, InvoiceContent, InvoiceDocument, InvoiceLine
from models.people import Customer
from models.tenants import Tenant
from stores.files.storage import FileStorage
from stores.invoices.contents import printed_invoice
from stores.sales import lines_of, priced, totals_of

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class _Job:
    file: StoredFile
    content_id: UUID
    paper: PrintedPaper
    data: InvoiceData | None

    def print(self) -> bytes:
        """The PDF, with the data where there is any."""
        pdf = print_invoice(self.paper)
        if self.data is None:
            return pdf
        # It takes a tenth of a second to import, which the API and most workers can do without.
        from activities.papers.embedding import embedded

        return embedded(pdf, self.data, language=language_of(self.paper.locale).name, title=self.paper.number)


class InvoiceDocumentActivities:
    def __init__(self, database: Database, storage: FileStorage) -> None:
        self._database = database
        self._storage = storage

    @activity.defn(name="invoice_documents.print")
    async def print(self, order: PrintInvoice) -> PrintedInvoice:
        """Prints a paper unless that has been done. Raises StorageAway, to be tried again."""
        async with self._database.transaction(order.tenant_id) as session:
            invoice = await session.get_one(Invoice, order.invoice_id)
            if done := await printed_invoice(session, invoice.content_id, order.paper):
                return PrintedInvoice(done.id)
            job = await _prepare(session, invoice, order.paper)
        # In a thread, because a long paper would block the event loop for too long.
        pdf = await asyncio.to_thread(job.print)
        await store(self._storage, job.file, pdf)
        async with self._database.transaction(order.tenant_id) as session:
            printed = {"content_id": job.content_id, "paper": order.paper}
            invoice_id = order.invoice_id
            return PrintedInvoice(await keep(session, job.file, pdf, InvoiceDocument, printed, invoice_id=invoice_id))


async def _prepare(session: AsyncSession, invoice: Invoice, which: InvoicePaper) -> _Job:
    """What is to be printed, and the row of a file for it, which comes before its bytes."""
    tenant = await session.get_one(Tenant, invoice.tenant_id)
    customer = await session.get_one(Customer, invoice.customer_id)
    content = await session.get_one(InvoiceContent, invoice.content_id)
    lines = await lines_of(session, InvoiceLine, content.id)
    takes_back = which is InvoicePaper.CREDIT_NOTE
    note = await session.get_one(CreditNote, invoice.credit_note_id) if takes_back else None
    number = note.number if note else invoice.number or ""
    issued_at = note.issued_at if note else invoice.issued_at
    file = await new_file(session, invoice.tenant_id, invoice.author_id, number)
    settings = InvoiceSettings.in_force(tenant.settings)
    company = Company.of(tenant.settings.get("company", {}), tenant.name)
    paper = PrintedPaper(
        paper=which,
        number=number,
        company=company,
        customer=Addressee(customer.company_name or customer.name, customer.address, customer.tax_id),
        lines=tuple(PaperLine(line.name, line.description, priced(line)) for line in lines),
        totals=totals_of(content, lines),
        stamp_duty=content.stamp_duty,
        currency=invoice.currency,
        locale=invoice.locale,
        due_days=content.due_days,
        discount_bp=content.discount_bp,
        issued_on=_day(issued_at, tenant.timezone),
        due_on=due_day(invoice.due_at, tenant.timezone) if invoice.due_at and not note else None,
        notes=None if note else content.notes,
        terms=None if note else content.terms,
        bank=Bank(settings.bank_name, settings.bank_account, settings.iban, settings.bic),
        credits=invoice.number if note else None,
        reason=note.reason if note else None,
    )
    wanted = settings.factur_x and which is not InvoicePaper.DRAFT
    return _Job(file, content.id, paper, _as_data(paper, content, customer) if wanted else None)


def _as_data(paper: PrintedPaper, content: InvoiceContent, customer: Customer) -> InvoiceData | None:
    """The paper as data; None when something is not known that it must say, which is no reason to print nothing."""
    company = paper.company
    whole = company.country and company.nif and customer.country and exponent(paper.currency) <= MOST_DECIMALS
    if not whole or paper.issued_on is None:
        log.warning("invoice_without_data", invoice_id=str(content.invoice_id))
        return None
    return InvoiceData(
        number=paper.number,
        issued_on=paper.issued_on,
        seller=Party(company.name, company.country or "", company.nif, company.rc, company.address),
        buyer=Party(paper.customer.name, customer.country or "", customer.tax_id, None, customer.address),
        currency=paper.currency,
        lines=[DataLine(line.name, line.priced) for line in paper.lines],
        totals=paper.totals,
        stamp_duty=paper.stamp_duty,
        due_on=paper.due_on,
        payment_method=content.payment_method,
        iban=paper.bank.iban,
        account=paper.bank.account,
        notes=paper.notes,
        terms=paper.terms,
        credits=paper.credits,
    )


def _day(at: datetime | None, timezone: str) -> date | None:
    return at.astimezone(ZoneInfo(timezone)).date() if at else None
