"""What the house owes: commands that no workflow has answered, and messages that have not been sent."""

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import col

from domain.cases import UNSENT, CommandStatus
from models.cases import CommandRow, DeliveryRow
from models.database import Database
from stores.tenants import tenant_ids


@dataclass(frozen=True)
class Backlog:
    """How many there are of all tenants, and for how many seconds the oldest has waited; 0 when there is none."""

    pending_commands: int = 0
    oldest_command_seconds: float = 0.0
    unsent_deliveries: int = 0
    oldest_delivery_seconds: float = 0.0


async def backlog(database: Database) -> Backlog:
    """The backlog of now; a query for each tenant, which an index answers."""
    async with database.transaction() as session:
        tenants = await tenant_ids(session)
    found = []
    for tenant_id in tenants:
        pending = (col(CommandRow.tenant_id) == tenant_id) & (col(CommandRow.status) == CommandStatus.PENDING)
        unsent = (col(DeliveryRow.tenant_id) == tenant_id) & col(DeliveryRow.status).in_(UNSENT)
        query = sa.select(*_counted(CommandRow, pending), *_counted(DeliveryRow, unsent))
        async with database.glance(tenant_id) as session:
            found.append((await session.execute(query)).one())
    return Backlog(
        sum(row[0] for row in found),
        max((row[1] for row in found), default=0.0),
        sum(row[2] for row in found),
        max((row[3] for row in found), default=0.0),
    )


def _counted(
    model: type[CommandRow | DeliveryRow], which: sa.ColumnElement[bool]
) -> tuple[sa.ScalarSelect[int], sa.ScalarSelect[float]]:
    age = sa.extract("epoch", sa.func.now() - sa.func.min(col(model.created_at)))
    oldest = sa.func.greatest(sa.cast(age, sa.Float), 0.0)
    return (
        sa.select(sa.func.count()).select_from(model).where(which).scalar_subquery(),
        sa.select(sa.func.coalesce(oldest, 0.0)).where(which).scalar_subquery(),
    )
