"""A tenant of its own for a test of activities, with somebody who asks and a ticket that waits for its first step."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from uuid_utils.compat import uuid7

from activities.cases.aggregate import CaseActivities
from activities.tickets.step import Tickets, TicketStep
from domain.cases import Actor, ActorKind, CaseKind
from domain.customers.states import CustomerKind
from domain.tickets.state import TicketState
from models.cases import CommandRow, DeliveryRow, EventRow
from models.database import Database
from models.people import Account, Customer
from models.tenants import Tenant
from models.tickets import Ticket
from stores.tickets.service_levels import ServiceLevels

NOON = datetime(2026, 11, 19, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Desk:
    """One tenant, a person, and a ticket at version 0. `take_step` is the activity under test."""

    database: Database
    tenant_id: UUID
    account_id: UUID
    ticket_id: UUID

    @property
    def activities(self) -> CaseActivities[Ticket, TicketState, TicketStep]:
        """The activities, remembering nothing of an earlier attempt."""
        return CaseActivities(self.database, Tickets(ServiceLevels()))

    async def ask(
        self, version: int, kind: str = "opened", *, to: TicketState | None = None, **step: Any
    ) -> TicketStep:
        """Writes a command, and returns the step that its workflow would decide on."""
        asked = await ask(self.database, self.tenant_id, self.account_id, CaseKind.TICKET, self.ticket_id, kind)
        return TicketStep(**asked, version=version, at=NOON, state=to or TicketState(), **step)

    async def ticket(self) -> Ticket:
        """The row as it stands."""
        async with self.database.transaction(self.tenant_id) as session:
            return await session.get_one(Ticket, self.ticket_id)

    async def command(self, step: TicketStep) -> CommandRow:
        """What became of the step's command."""
        async with self.database.transaction(self.tenant_id) as session:
            return await session.get_one(CommandRow, (self.tenant_id, step.id))

    async def asked_by(self, step: TicketStep) -> list[CommandRow]:
        """What a step has asked of other cases."""
        async with self.database.transaction(self.tenant_id) as session:
            return list(await session.scalars(sa.select(CommandRow).where(col(CommandRow.asked_by) == step.id)))

    async def events(self) -> list[EventRow]:
        """The ticket's timeline."""
        async with self.database.transaction(self.tenant_id) as session:
            return list(await session.scalars(sa.select(EventRow).order_by(col(EventRow.version))))

    async def deliveries(self) -> list[DeliveryRow]:
        """The messages that the ticket owes."""
        async with self.database.transaction(self.tenant_id) as session:
            return list(await session.scalars(sa.select(DeliveryRow)))


async def ask(
    database: Database, tenant_id: UUID, account_id: UUID, case_kind: CaseKind, case_id: UUID, kind: str
) -> dict[str, Any]:
    """Writes somebody's command; returns what the step that it causes says of itself."""
    shared: dict[str, Any] = {"tenant_id": tenant_id, "case_id": case_id, "id": uuid7(), "correlation_id": "test"}
    async with database.transaction(tenant_id) as session:
        session.add(
            CommandRow(
                **shared,
                case_kind=case_kind,
                kind=f"{case_kind}.{kind}",
                arguments={},
                actor_id=account_id,
                fingerprint="",
                created_at=NOON,
            )
        )
    return {**shared, "kind": kind, "actor": Actor(ActorKind.USER, account_id), "by_command": True}


async def new_desk(database: Database) -> Desk:
    """A desk that no other test knows."""
    tenant_id, account_id, customer_id, ticket_id = uuid7(), uuid7(), uuid7(), uuid7()
    async with database.transaction(tenant_id, account_id=account_id) as session:
        session.add(
            Tenant(
                id=tenant_id,
                slug=f"tenant-{tenant_id}",
                name="Test",
                locale="en",
                timezone="Europe/Paris",
                currency="EUR",
            )
        )
        session.add(Account(id=account_id, email=f"{account_id}@test.example", full_name="Ada", password_hash="none"))
        await session.flush()
        session.add(Customer(id=customer_id, tenant_id=tenant_id, kind=CustomerKind.INDIVIDUAL, name="Ada"))
        await session.flush()
        session.add(
            Ticket(
                id=ticket_id,
                tenant_id=tenant_id,
                subject="Help",
                customer_id=customer_id,
                requester_id=account_id,
            )
        )
    return Desk(database, tenant_id, account_id, ticket_id)
