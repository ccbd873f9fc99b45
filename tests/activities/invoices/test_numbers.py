"""Numbers of invoices without a gap and without a double: whatever is rolled back, and over the end of the year."""

import asyncio
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from random import Random
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.cases import ActorKind, Ask, CaseKind
from models.cases import CommandRow
from models.database import Database
from models.invoices import Invoice
from ops.embedded.postgres import Postgres
from stores.invoices.numbering import audit_numbers
from tests.activities.invoices.counter import TIMEZONE, Counter, Crash, Crashing, new_counter
from workflows.invoices.door import cancel, issue
from workflows.invoices.telling import told

OLD_YEAR = datetime(2026, 12, 31, 22, 59, 59, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 23, 0, 0, tzinfo=UTC)
"""In Paris; in London the year is not over yet."""


@pytest.fixture
async def counter(database: Database) -> Counter:
    return await new_counter(database)


async def test_no_gap_and_no_double_when_transactions_break_off_at_the_years_end(counter: Counter) -> None:
    chance = Random(10)
    crashing = Crashing(iter(lambda: chance.random() < 0.4, None))
    crashed = 0
    # As many as there are connections: on a loaded machine others would wait for one for longer than they may.
    at_once = asyncio.Semaphore(8)

    async def live(number: int) -> None:
        async with at_once:
            await steps_of(number)

    async def steps_of(number: int) -> None:
        nonlocal crashed
        at = OLD_YEAR if number % 2 else NEW_YEAR
        invoice_id = await counter.draw(at)
        steps = [await counter.issuing(invoice_id, at)]
        while steps:
            try:
                taken = await counter.take(steps[0], crashing)
            except Crash:
                crashed += 1
                continue
            # One in three is credited; every tenth step is tried again though it was taken.
            if number % 10 == 0:
                await counter.take(steps[0])
            steps = [await counter.cancelling(taken, invoice_id, at)] if taken.version == 1 and number % 3 == 0 else []

    await asyncio.gather(*(live(number) for number in range(60)))
    assert crashed > 20
    found = {(series.name, series.year): series for series in await counter.audit()}
    assert {key: series.count for key, series in found.items()} == {
        ("INV", 2026): 30,
        ("INV", 2027): 30,
        ("CRN", 2026): 10,
        ("CRN", 2027): 10,
    }
    assert [series.faults for series in found.values() if series.faults] == []


async def test_the_audit_names_a_gap_a_double_and_a_wrong_year(counter: Counter, migrated_postgres: Postgres) -> None:
    ids = [await _issued(counter) for _ in range(4)]
    owner = Database(migrated_postgres.owner_url, pool_size=1)
    for statement, faults in (
        ("UPDATE invoice SET issued_at = NULL, sequence = NULL WHERE sequence = 2", ("INV-2026-000002 is missing",)),
        (
            "UPDATE invoice SET sequence = 3, number = 'INV-2026-000003' WHERE sequence = 4",
            ("INV-2026-000003 was given 2 times", "INV-2026-000004 is missing"),
        ),
        (
            "UPDATE invoice SET number = 'INV-2026-000009' WHERE sequence = 1",
            ("INV-2026-000009 should be INV-2026-000001",),
        ),
        (
            "UPDATE invoice SET issued_at = '2026-12-31 23:00:00+00' WHERE sequence = 1",
            ("INV-2026-000001 was issued in 2027",),
        ),
        ("UPDATE invoice SET issued_at = NULL, sequence = NULL WHERE sequence = 4", ("INV-2026-000004 is missing",)),
        (
            "UPDATE number_counter SET last = 5 WHERE series = 'INV-2026'",
            ("INV-2026-000005 is missing",),
        ),
    ):
        with suppress(Crash):
            async with owner.transaction(counter.desk.tenant_id) as session:
                assert await _planted(session, statement) == faults
                raise Crash
    await owner.close()
    assert [series.faults for series in await counter.audit()] == [()]
    assert len(ids) == 4


async def _planted(session: AsyncSession, statement: str) -> tuple[str, ...]:
    """What the audit says after a statement that only the owner can make, once what stands against it is gone."""
    await session.execute(sa.text("ALTER TABLE invoice DISABLE TRIGGER USER"))
    for name in ("uq_invoice_tenant_id_year_sequence", "uq_invoice_tenant_id_number"):
        await session.execute(sa.text(f"ALTER TABLE invoice DROP CONSTRAINT {name}"))
    await session.execute(sa.text(statement))
    (series,) = await audit_numbers(session, TIMEZONE)
    return series.faults


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE invoice SET total = total + 1",
        "UPDATE invoice SET number = 'INV-2026-000777'",
        "UPDATE invoice SET content_id = uuidv7()",
        "UPDATE invoice SET due_at = now()",
        "UPDATE invoice_line SET name = 'Another'",
        "UPDATE invoice_content SET total = 1",
        "UPDATE credit_note SET total = 1",
        "UPDATE invoice_payment SET amount = 1",
        "DELETE FROM invoice",
        "DELETE FROM invoice_line",
        "DELETE FROM invoice_payment",
        "INSERT INTO invoice_line (id, tenant_id, content_id, position, name, quantity, unit_price, discount_bp, "
        "tax_rate_bp, net, document_discount, tax) "
        "SELECT uuidv7(), tenant_id, content_id, 2, 'More', 1, 1, 0, 0, 1, 0, 0 FROM invoice",
    ],
)
async def test_what_was_issued_never_changes_not_even_in_the_database(counter: Counter, statement: str) -> None:
    await _issued(counter)
    with pytest.raises((IntegrityError, ProgrammingError), match=r"never changes|permission denied"):
        async with counter.database.transaction(counter.desk.tenant_id) as session:
            await session.execute(sa.text(statement))


async def test_an_order_has_an_invoice_issued_and_is_told(counter: Counter) -> None:
    order_id = UUID(int=7)
    invoice_id = await counter.draw(OLD_YEAR, order_id)
    await counter.draw(NEW_YEAR, order_id, invoice_id)
    asks = told(order_id, "invoice_issued", invoice_id)
    assert asks == (Ask(CaseKind.ORDER, order_id, "invoice_issued", {"invoice_id": invoice_id}),)
    assert told(None, "invoice_paid", invoice_id) == ()
    # As the payload converter hands it to the activity.
    plain = tuple(replace(each, arguments={"invoice_id": str(invoice_id)}) for each in asks)
    step = await counter.issuing(invoice_id, OLD_YEAR, order_id=order_id, asks=plain)
    first, again = await counter.take(step), await counter.take(step)
    assert first == again
    assert (first.state.number, first.state.total, first.asked) == ("INV-2026-000001", 119_00, 1)
    assert first.state.due_at == datetime(2027, 1, 10, 23, tzinfo=UTC)
    row = await counter.invoice(invoice_id)
    assert (row.order_id, row.status, row.year, row.sequence) == (order_id, "sent", 2026, 1)
    async with counter.database.transaction(counter.desk.tenant_id) as session:
        asked = (await session.scalars(sa.select(CommandRow).where(col(CommandRow.asked_by) == step.id))).one()
    assert (asked.kind, asked.case_id, asked.arguments) == (
        "order.invoice_issued",
        order_id,
        {"invoice_id": str(invoice_id)},
    )


def test_what_orders_may_ask() -> None:
    invoice_id, order_id = UUID(int=1), UUID(int=2)
    asked = issue(invoice_id, order_id)
    assert (asked.kind, asked.case_id, asked.command) == (CaseKind.INVOICE, invoice_id, "open")
    assert asked.arguments["at_once"] is True
    assert cancel(invoice_id, "order_cancelled").arguments == {"code": "order_cancelled"}


async def _issued(counter: Counter) -> UUID:
    invoice_id = await counter.draw(OLD_YEAR)
    step = await counter.issuing(invoice_id, OLD_YEAR)
    assert step.actor.kind is ActorKind.USER
    await counter.take(step)
    assert isinstance(await counter.invoice(invoice_id), Invoice)
    return invoice_id
