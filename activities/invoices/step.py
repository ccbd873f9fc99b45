"""What an invoice's steps do to the database besides moving its row: numbers, due dates, payments, credit notes."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.cases.aggregate import Aggregate, Reading, Taking
from activities.cases.step import Step
from domain.invoices.events import InvoiceEvent
from domain.invoices.rules import (
    FINISHED,
    InvoiceStatus,
    due_end,
    invoice_number,
    local_year,
    next_dunning,
)
from domain.invoices.settings import DunningSettings
from domain.invoices.state import InvoiceState
from models.invoices import CreditNote, Invoice, InvoiceContent, InvoicePayment
from stores.audit import record
from stores.invoices.numbering import CREDIT_NOTES, INVOICES, next_in_series
from stores.tickets.door import default_calendar

_A_SECOND = timedelta(seconds=1)


@dataclass(frozen=True, kw_only=True)
class InvoiceStep(Step[InvoiceState]):
    """`payment_id` is the payment that the step takes. `needs_opening` says that it is put off when the company is
    shut: a worker may come back in the night. `code` is why another case has asked for it."""

    state: InvoiceState
    payment_id: UUID | None = None
    needs_opening: bool = False
    code: str | None = None


class Invoices(Aggregate[Invoice, InvoiceState, InvoiceStep]):
    prefix, digits = "DRAFT", 4
    born_with = (
        *("customer_id", "author_id", "order_id", "quote_id", "currency", "locale"),
        *("paid_amount", "dunning_level", "refund_due"),
    )

    def open_rows(self) -> sa.ColumnElement[bool]:
        refunding = (col(Invoice.refund_due) > 0) & col(Invoice.refunded_at).is_(None)
        return col(Invoice.status).not_in(FINISHED) | refunding

    async def known(self, case: Reading[Invoice]) -> dict[str, Any]:
        row, tenant = case.row, case.tenant
        if row.due_at is None or row.status in FINISHED or row.handed_over_at:
            return {}
        settings = DunningSettings.in_force(tenant.settings)
        calendar = await default_calendar(case.session, row.tenant_id)
        dunning_at = next_dunning(
            row.due_at,
            settings,
            row.dunning_level,
            last_at=row.dunned_at,
            not_before=row.updated_at,
            calendar=calendar,
            timezone=tenant.timezone,
        )
        return {"dunning_at": dunning_at}

    async def take(self, taking: Taking[Invoice, InvoiceStep]) -> None:
        step, row, values = taking.step, taking.row, taking.values
        if step.needs_opening and not (await default_calendar(taking.session, row.tenant_id)).is_open(step.at):
            _put_off(taking)
            return
        if taking.opens:
            taking.told["status"] = values.get("status", row.status)
        if "content_id" in values:
            values["total"] = (await taking.session.get_one(InvoiceContent, values["content_id"])).total
        if step.code:
            taking.told["code"] = step.code
        if step.payment_id:
            await _take_payment(taking, step.payment_id)
        if values.get("issued_at"):
            await _issue(taking)
        elif values.get("status") is InvoiceStatus.CANCELLED and row.issued_at:
            await _credit(taking)

    def facts(self, row: Invoice) -> dict[str, Any]:
        facts = super().facts(row)
        if row.due_at:
            # For readers: midnight belongs to the day that begins, and that is too late already.
            facts["pay_by_at"] = (row.due_at - _A_SECOND).isoformat()
        return facts


def _put_off(taking: Taking[Invoice, InvoiceStep]) -> None:
    """Nothing is done outside the hours of opening: the next moment follows from this one."""
    taking.step = replace(taking.step, kind=InvoiceEvent.DUNNING_POSTPONED, tasks=(), notices=(), asks=())
    taking.values.clear()


async def _issue(taking: Taking[Invoice, InvoiceStep]) -> None:
    session, step, row, values = taking.session, taking.step, taking.row, taking.values
    timezone = taking.tenant.timezone
    content = await session.get_one(InvoiceContent, values.get("content_id", row.content_id))
    year = local_year(step.at, timezone)
    sequence = await next_in_series(session, row.tenant_id, INVOICES, year)
    values |= {
        "year": year,
        "sequence": sequence,
        "number": invoice_number(INVOICES, year, sequence),
        "due_at": due_end(step.at, content.due_days, timezone),
    }


async def _credit(taking: Taking[Invoice, InvoiceStep]) -> None:
    """Writes the note that takes the invoice back, under the next number of its own series."""
    session, step, row = taking.session, taking.step, taking.row
    year = local_year(step.at, taking.tenant.timezone)
    sequence = await next_in_series(session, row.tenant_id, CREDIT_NOTES, year)
    number, note_id = invoice_number(CREDIT_NOTES, year, sequence), uuid7()
    session.add(
        CreditNote(
            id=note_id,
            tenant_id=row.tenant_id,
            invoice_id=row.id,
            year=year,
            sequence=sequence,
            number=number,
            total=row.total,
            reason=taking.reason,
            issued_at=step.at,
        )
    )
    await session.flush()
    taking.values["credit_note_id"] = note_id
    taking.told["credit_note"] = number
    taking.afterwards.append(
        lambda: _audited(session, step, "invoice.credited", {"credit_note": number, "amount": row.total})
    )


async def _take_payment(taking: Taking[Invoice, InvoiceStep], payment_id: UUID) -> None:
    session, step = taking.session, taking.step
    found = await session.execute(
        sa.update(InvoicePayment)
        .where(
            col(InvoicePayment.tenant_id) == step.tenant_id,
            col(InvoicePayment.id) == payment_id,
            col(InvoicePayment.invoice_id) == step.case_id,
        )
        .values(taken_at=step.at)
        .returning(col(InvoicePayment.amount), col(InvoicePayment.method))
        .execution_options(synchronize_session=False)
    )
    amount, method = found.one()
    taking.told["payment"] = {"id": str(payment_id), "amount": amount, "method": method}
    taking.afterwards.append(
        lambda: _audited(session, step, "invoice.payment_recorded", {"amount": amount, "method": method})
    )


async def _audited(session: AsyncSession, step: InvoiceStep, action: str, detail: dict[str, Any]) -> None:
    await record(
        session,
        step.tenant_id,
        step.actor.id,
        action,
        entity_kind="invoice",
        entity_id=step.case_id,
        detail=detail,
        correlation_id=step.correlation_id,
    )
