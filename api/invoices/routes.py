"""Invoices: writing and reading them, the commands that move them, payments, and papers."""

from collections.abc import Sequence
from datetime import datetime
from http import HTTPStatus
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
from fastapi import Depends, Query, Request, Response
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from api.cases.commands import AskingAnewDep, AskingDep, ask_about, ask_to_open
from api.cases.reading import add_reading
from api.http.openapi import MAKES_ELSEWHERE, MAY_WAIT
from api.http.paging import PagingDep, order_of, page, sorts_by
from api.http.payloads import Page, ReasonBody, UtcTime
from api.http.problems import conflict, field_error, not_found
from api.http.rate_limits import OPENING
from api.http.routing import Router
from api.http.search import contains
from api.http.services import Services, services
from api.identity.callers import Caller, needs
from api.invoices.contents import write
from api.invoices.papers import PDF_RESPONSES, paper_of, send_paper
from api.invoices.schemas import (
    InvoiceBody,
    InvoiceContentBody,
    InvoiceSummary,
    InvoiceView,
    PaymentBody,
    PaymentView,
)
from api.invoices.views import INVOICES
from api.orders.door import require_order
from api.quotes.door import find_quote
from domain.invoices.papers import InvoicePaper
from domain.invoices.rules import InvoiceStatus, PaymentMethod, first_content_of
from domain.invoices.settings import InvoiceSettings
from domain.invoices.stamp_duty import stamp_duty
from domain.people.permissions import Permission
from models.invoices import Invoice, InvoiceContent, InvoicePayment
from models.people import Account, Customer
from models.tenants import Tenant
from stores.invoices.drawing import takes_duty
from stores.people import people_of_customer

router = Router(prefix="/invoices", tags=["invoices"])

Service = Annotated[Services, Depends(services)]
Reader = Annotated[Caller, Depends(needs(Permission.INVOICES_READ))]
Writer = Annotated[Caller, Depends(needs(Permission.INVOICES_WRITE))]
Issuer = Annotated[Caller, Depends(needs(Permission.INVOICES_ISSUE))]
Canceller = Annotated[Caller, Depends(needs(Permission.INVOICES_CANCEL))]
Cashier = Annotated[Caller, Depends(needs(Permission.INVOICES_RECORD_PAYMENT))]


@router.post("", status_code=HTTPStatus.CREATED, response_model=InvoiceView, dependencies=OPENING, responses=MAY_WAIT)
async def write_invoice(body: InvoiceBody, asked: AskingAnewDep, caller: Writer) -> Response:
    """Writes a draft. It gets its number when it is issued."""
    invoice_id = uuid7()
    content_id = first_content_of(invoice_id)

    async def content(session: AsyncSession) -> None:
        tenant = await session.get_one(Tenant, caller.tenant_id)
        if await session.get(Customer, body.customer_id) is None:
            raise field_error("customer_id", "unknown", "There is no customer with this id.")
        if body.quote_id:
            await find_quote(session, caller, body.quote_id, body.customer_id)
        if body.order_id:
            await require_order(session, body.order_id, body.customer_id)
        currency = body.currency or tenant.currency
        session.add(
            Invoice(
                id=invoice_id,
                tenant_id=caller.tenant_id,
                customer_id=body.customer_id,
                author_id=caller.account_id,
                order_id=body.order_id,
                quote_id=body.quote_id,
                currency=currency,
                locale=await _locale(session, body.customer_id) or tenant.locale,
            )
        )
        await session.flush()
        await write(session, tenant, invoice_id, currency, body, content_id)

    arguments = {"content_id": content_id, "order_id": body.order_id}
    return await ask_to_open(asked, caller, INVOICES, invoice_id, arguments, content=content)


@router.get("")
async def list_invoices(
    caller: Reader,
    service: Service,
    paging: PagingDep,
    status: Annotated[list[InvoiceStatus] | None, Query()] = None,
    customer_id: UUID | None = None,
    overdue: Annotated[bool | None, Query(description="Only those whose term of payment has ended unpaid")] = None,
    q: Annotated[
        str | None, Query(max_length=200, pattern=r"^[^\x00]*$", description="Of a number or a customer")
    ] = None,
    since: Annotated[UtcTime | None, Query(alias="from", description="Issued then or later")] = None,
    until: Annotated[UtcTime | None, Query(alias="to", description="Issued before")] = None,
    sort: Annotated[str, sorts_by("created_at", "updated_at", "number", "total")] = "-created_at",
) -> Page[InvoiceSummary]:
    """The invoices that the caller may see, newest first unless sorted otherwise."""
    query = INVOICES.visible(caller)
    if status:
        query = query.where(col(Invoice.status).in_(status))
    if customer_id:
        query = query.where(col(Invoice.customer_id) == customer_id)
    if overdue is not None:
        late = col(Invoice.status) == InvoiceStatus.OVERDUE
        query = query.where(late if overdue else sa.not_(late))
    if q:
        named = sa.select(col(Customer.id)).where(contains(Customer.name, q) | contains(Customer.company_name, q))
        query = query.where(contains(Invoice.number, q) | col(Invoice.customer_id).in_(named))
    query = query.where(*_issued_between(since, until))
    sortable = {
        "created_at": Invoice.created_at,
        "updated_at": Invoice.updated_at,
        "number": Invoice.number,
        "total": Invoice.total,
    }
    order = order_of(sort, sortable, Invoice.id)
    async with service.database.transaction(caller.tenant_id) as session:
        rows, cursor, total = await page(session, query, order, paging)
    return Page(items=[InvoiceSummary.model_validate(row) for row in rows], next_cursor=cursor, total=total)


def _issued_between(since: datetime | None, until: datetime | None) -> Sequence[sa.ColumnElement[bool]]:
    issued_at = col(Invoice.issued_at)
    return [
        *([issued_at >= since] if since else []),
        *([issued_at < until] if until else []),
    ]


add_reading(router, INVOICES, Permission.INVOICES_READ, InvoiceView, "invoice_id")


@router.put("/{invoice_id}", response_model=InvoiceView)
async def edit_invoice(invoice_id: UUID, body: InvoiceContentBody, asked: AskingDep, caller: Writer) -> Response:
    """Replaces what a draft says. 409 `invoice_not_draft` for one that was issued: it never changes."""
    content_id = uuid7()

    async def content(session: AsyncSession) -> None:
        invoice = await INVOICES.find(session, caller, invoice_id)
        tenant = await session.get_one(Tenant, caller.tenant_id)
        await write(session, tenant, invoice_id, invoice.currency, body, content_id)

    return await ask_about(asked, caller, INVOICES, invoice_id, "edit", {"content_id": content_id}, check=content)


@router.post("/{invoice_id}/issue", response_model=InvoiceView)
async def issue_invoice(invoice_id: UUID, asked: AskingDep, caller: Issuer) -> Response:
    """Gives a draft its number; from now on it never changes, and its term of payment runs."""
    return await ask_about(asked, caller, INVOICES, invoice_id, "issue")


@router.post("/{invoice_id}/send", response_model=InvoiceView)
async def send_invoice(invoice_id: UUID, asked: AskingDep, caller: Writer) -> Response:
    """Mails an issued invoice to its customer, on paper; 409 `customer_unreachable` when there is no address."""

    async def check(session: AsyncSession) -> None:
        invoice = await INVOICES.find(session, caller, invoice_id)
        customer = await session.get_one(Customer, invoice.customer_id)
        if customer.email is None and not await people_of_customer(session, customer.id):
            raise conflict("customer_unreachable", "This customer has no e-mail address and nobody who speaks for it.")

    return await ask_about(asked, caller, INVOICES, invoice_id, "send", check=check)


@router.post("/{invoice_id}/cancel", response_model=InvoiceView)
async def cancel_invoice(invoice_id: UUID, body: ReasonBody, asked: AskingDep, caller: Canceller) -> Response:
    """Discards a draft; an issued invoice is credited by a note with a number of its own. What was paid becomes a task,
    to be returned."""
    return await ask_about(asked, caller, INVOICES, invoice_id, "cancel", reason=body.reason)


@router.post(
    "/{invoice_id}/payments",
    status_code=HTTPStatus.CREATED,
    response_model=InvoiceView,
    responses=MAKES_ELSEWHERE,
)
async def record_payment(invoice_id: UUID, body: PaymentBody, asked: AskingDep, caller: Cashier) -> Response:
    """Records a payment. 409 `overpayment` above what is owed; `invoice_paid`, `invoice_cancelled` when nothing is."""
    payment_id = uuid7()

    async def keep(session: AsyncSession) -> None:
        invoice = await INVOICES.find(session, caller, invoice_id)
        session.add(
            InvoicePayment(
                id=payment_id,
                tenant_id=caller.tenant_id,
                invoice_id=invoice_id,
                recorded_by=caller.account_id,
                stamp_duty=await _duty(session, invoice, body),
                **body.model_dump(),
            )
        )

    arguments = {
        "payment_id": payment_id,
        "amount": body.amount,
        "method": body.method,
        "paid_at": body.paid_at.isoformat(),
    }
    return await ask_about(
        asked,
        caller,
        INVOICES,
        invoice_id,
        "pay",
        arguments,
        check=keep,
        success=HTTPStatus.CREATED,
        at=lambda _: INVOICES.address(invoice_id),
    )


async def _duty(session: AsyncSession, invoice: Invoice, body: PaymentBody) -> int:
    """What paying in cash costs besides, unless the invoice foresees it and has added it."""
    settings = InvoiceSettings.in_force((await session.get_one(Tenant, invoice.tenant_id)).settings)
    content = await session.get(InvoiceContent, invoice.content_id) if invoice.content_id else None
    foreseen = content is not None and content.payment_method is PaymentMethod.CASH
    if body.method is not PaymentMethod.CASH or foreseen or not takes_duty(settings, invoice.currency):
        return 0
    return stamp_duty(body.amount, settings.stamp_duty_minimum)


@router.get("/{invoice_id}/payments")
async def list_payments(invoice_id: UUID, caller: Reader, service: Service, paging: PagingDep) -> Page[PaymentView]:
    """The payments that count, in the order in which they were recorded."""
    async with service.database.transaction(caller.tenant_id) as session:
        await INVOICES.find(session, caller, invoice_id)
        taken = sa.select(InvoicePayment).where(
            col(InvoicePayment.invoice_id) == invoice_id, col(InvoicePayment.taken_at).is_not(None)
        )
        order = order_of("taken_at", {"taken_at": InvoicePayment.taken_at}, InvoicePayment.id)
        rows, cursor, total = await page(session, taken, order, paging)
    return Page(items=[PaymentView.model_validate(row) for row in rows], next_cursor=cursor, total=total)


@router.get("/{invoice_id}/pdf", response_class=Response, responses=PDF_RESPONSES)
async def download_invoice(invoice_id: UUID, request: Request, caller: Reader, service: Service) -> Response:
    """The invoice on paper, marked when it is a draft, paid or cancelled."""
    async with service.database.transaction(caller.tenant_id) as session:
        invoice = await INVOICES.find(session, caller, invoice_id)
    return await send_paper(request, service, invoice, paper_of(invoice))


@router.get("/{invoice_id}/credit-note/pdf", response_class=Response, responses=PDF_RESPONSES)
async def download_credit_note(invoice_id: UUID, request: Request, caller: Reader, service: Service) -> Response:
    """The note by which the invoice was cancelled; 404 when there is none."""
    async with service.database.transaction(caller.tenant_id) as session:
        invoice = await INVOICES.find(session, caller, invoice_id)
    if invoice.credit_note_id is None:
        raise not_found("credit note")
    return await send_paper(request, service, invoice, InvoicePaper.CREDIT_NOTE)


async def _locale(session: AsyncSession, customer_id: UUID) -> str | None:
    """The language of the first of those who speak for the customer, if they have chosen one."""
    people = await people_of_customer(session, customer_id)
    account = await session.get(Account, people[0]) if people else None
    return account.locale if account else None
