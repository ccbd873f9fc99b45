from collections import Counter
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlmodel import col

from activities.cases.numbers import next_number
from domain.cases import CommandStatus
from domain.tickets.rules import TicketStatus
from models.cases import CommandRow, EventRow
from models.database import Database
from models.tenants import Tenant
from models.tickets import Ticket
from ops.demo.people import DemoTenant, seed_tenant
from ops.seed_tickets import SPREAD, seed_tickets
from ops.trouble import Trouble
from stores.tenants import tenant_named

CONTENT = {"id", "tenant_id", "subject", "category_id", "created_at", "updated_at", "version", "reminders_sent"}


async def _tenant(database: Database, slug: str) -> UUID:
    await seed_tenant(database, DemoTenant(slug, slug, "en", "Africa/Algiers", "DZD", "DZ", (6, 0, 1, 2, 3)), "hash")
    async with database.transaction() as session:
        found = await tenant_named(session, slug)
    assert found is not None
    return found


async def test_the_tickets_look_like_two_years_of_work(database: Database) -> None:
    tenant_id = await _tenant(database, "seeded-once")
    await seed_tickets(database, 2_000, tenant="seeded-once")
    async with database.transaction(tenant_id) as session:
        tickets = list(await session.scalars(sa.select(Ticket)))
    now = datetime.now(UTC)
    assert len(tickets) == len({ticket.number for ticket in tickets}) == 2_000
    assert {ticket.status for ticket in tickets} == set(TicketStatus)
    assert len(Counter(ticket.priority for ticket in tickets)) == 4
    assert len(Counter(ticket.customer_id for ticket in tickets)) == 20
    assert len(Counter(ticket.assignee_id for ticket in tickets)) == 3
    assert now - SPREAD - timedelta(days=2) < min(ticket.created_at for ticket in tickets)
    assert max(ticket.updated_at for ticket in tickets) < now
    assert all(ticket.closed_at for ticket in tickets if ticket.status is TicketStatus.CLOSED)


async def test_each_row_is_the_fold_of_its_one_event(database: Database) -> None:
    tenant_id = await _tenant(database, "seeded-told")
    await seed_tickets(database, 200, tenant="seeded-told")
    async with database.transaction(tenant_id) as session:
        tickets = list(await session.scalars(sa.select(Ticket)))
        events = {event.case_id: event for event in await session.scalars(sa.select(EventRow))}
        commands = {command.id: command for command in await session.scalars(sa.select(CommandRow))}
    assert len(events) == len(commands) == 200
    for ticket in tickets:
        event = events[ticket.id]
        row = {name: value for name, value in ticket.model_dump(mode="json").items() if name not in CONTENT}
        assert {name: _instant(value) for name, value in event.changes.items()} == {
            name: _instant(value) for name, value in row.items() if value is not None
        }
        assert (event.version, event.at) == (1, ticket.updated_at)
        command = commands[event.command_id]
        assert (command.status, command.result, command.case_id) == (CommandStatus.DONE, {"version": 1}, ticket.id)


async def test_numbers_are_never_given_twice(database: Database) -> None:
    tenant_id = await _tenant(database, "seeded-twice")
    for _ in range(2):
        await seed_tickets(database, 1_500, tenant="seeded-twice")
    async with database.transaction(tenant_id) as session:
        numbers = set(await session.scalars(sa.select(col(Ticket.number))))
        last = await session.scalar(sa.select(sa.func.max(col(Ticket.created_at))))
        assert last is not None
        tenant = await session.get_one(Tenant, tenant_id)
        assert await next_number(session, tenant, "TCK", last, 5) not in numbers
    assert len(numbers) == 3_000


async def test_without_the_tenant_there_is_nothing_to_seed(database: Database) -> None:
    with pytest.raises(Trouble, match="no tenant nobody"):
        await seed_tickets(database, 1, tenant="nobody")


def _instant(value: object) -> object:
    """A time however it is written: Postgres and pydantic write UTC differently."""
    if isinstance(value, str) and value[4:5] == "-" and "T" in value:
        return datetime.fromisoformat(value)
    return value
