"""A tenant's counter for invoices: draws them up and issues them, as their workflows would decide."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.cases.aggregate import CaseActivities, Taking
from activities.cases.step import StepResult
from activities.invoices.step import Invoices, InvoiceStep
from domain.cases import CaseKind
from domain.invoices.rules import InvoiceStatus, first_content_of
from domain.invoices.state import InvoiceState
from domain.tax import PricedLine
from models.database import Database
from models.invoices import Invoice
from models.people import Customer
from stores.invoices.drawing import draw_up
from stores.invoices.numbering import Series, audit_numbers
from stores.sales import SoldLine
from tests.activities.desk import Desk, ask, new_desk

TIMEZONE = "Europe/Paris"
LINE = SoldLine("Canary", PricedLine(1_000, 100_00, 0, 1_900))


class Crash(Exception):
    """What ends a transaction after its number was taken."""


class Crashing(Invoices):
    """Breaks a step off, after all that it writes, whenever the next of `crashes` says so."""

    def __init__(self, crashes: Iterator[bool]) -> None:
        self._crashes = crashes

    async def take(self, taking: Taking[Invoice, InvoiceStep]) -> None:
        await super().take(taking)
        if next(self._crashes):
            raise Crash


@dataclass(frozen=True)
class Counter:
    database: Database
    desk: Desk
    customer_id: UUID

    async def draw(self, at: datetime, order_id: UUID | None = None, invoice_id: UUID | None = None) -> UUID:
        """The row and the words of a new invoice."""
        invoice_id = invoice_id or uuid7()
        async with self.database.transaction(self.desk.tenant_id) as session:
            await draw_up(
                session,
                tenant_id=self.desk.tenant_id,
                invoice_id=invoice_id,
                customer_id=self.customer_id,
                order_id=order_id,
                quote_id=None,
                currency="EUR",
                locale="fr",
                lines=[LINE],
                due_days=10,
                at=at,
                author_id=self.desk.account_id,
            )
        return invoice_id

    async def issuing(self, invoice_id: UUID, at: datetime, **step: Any) -> InvoiceStep:
        """The step that opens, issues and sends what was drawn up."""
        asked = await self._asked(invoice_id)
        content_id, order_id = first_content_of(invoice_id), step.pop("order_id", None)
        to = InvoiceState(content_id=content_id, order_id=order_id, status_since=at, issued_at=at, sent_at=at)
        return InvoiceStep(**asked, version=1, at=at, state=replace(to, status=InvoiceStatus.SENT), **step)

    async def cancelling(self, issued: StepResult[InvoiceState], invoice_id: UUID, at: datetime) -> InvoiceStep:
        """The step that credits it."""
        asked = await self._asked(invoice_id)
        to = replace(issued.state, status=InvoiceStatus.CANCELLED, cancelled_at=at, status_since=at)
        return InvoiceStep(**asked, version=2, at=at, state=to)

    async def take(self, step: InvoiceStep, aggregate: Invoices | None = None) -> StepResult[InvoiceState]:
        """One attempt of the activity."""
        activities = CaseActivities(self.database, aggregate or Invoices())
        taken: StepResult[InvoiceState] = await ActivityEnvironment().run(activities.take_step, step)
        return taken

    async def invoice(self, invoice_id: UUID) -> Invoice:
        async with self.database.transaction(self.desk.tenant_id) as session:
            return await session.get_one(Invoice, invoice_id)

    async def audit(self) -> list[Series]:
        async with self.database.transaction(self.desk.tenant_id) as session:
            return await audit_numbers(session, TIMEZONE)

    async def _asked(self, invoice_id: UUID) -> dict[str, Any]:
        desk = self.desk
        return await ask(self.database, desk.tenant_id, desk.account_id, CaseKind.INVOICE, invoice_id, "open")


async def new_counter(database: Database) -> Counter:
    """A counter that no other test knows."""
    desk = await new_desk(database)
    async with database.transaction(desk.tenant_id) as session:
        customer_id = (await session.scalars(sa.select(col(Customer.id)))).one()
    return Counter(database, desk, customer_id)
