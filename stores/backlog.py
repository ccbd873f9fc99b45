"""What the house owes: commands that no workflow has answered, messages that have not been sent, tasks that nobody has
decided in time, and cases that are stuck."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import SQLModel, col

from domain.cases import UNSENT, CommandStatus
from domain.tasks.rules import TaskStatus
from models.cases import CommandRow, DeliveryRow
from models.database import Database
from models.plain import Plain
from models.tasks import TaskRow
from stores.stuck import count_stuck
from stores.tenants import tenant_ids


@dataclass(frozen=True)
class Backlog:
    """How many there are of all tenants, and for how many seconds the oldest has waited or been late; 0 when there is
    none."""

    pending_commands: int = 0
    oldest_command_seconds: float = 0.0
    unsent_deliveries: int = 0
    oldest_delivery_seconds: float = 0.0
    overdue_tasks: int = 0
    latest_task_seconds: float = 0.0
    stuck_cases: int = 0


async def backlog(database: Database) -> Backlog:
    """The backlog of now; a query for each tenant, which indexes answer."""
    async with database.transaction() as session:
        tenants = await tenant_ids(session)
    of_each = [await database.look_up(_BACKLOG(tenant_id=tenant_id), tenant_id=tenant_id) for tenant_id in tenants]
    found = [row for row in of_each if row]
    # Of ages the greatest counts, all else adds up.
    add_up: dict[str, Callable[[list[Any]], Any]] = {
        field.name: max if field.name.endswith("_seconds") else sum for field in fields(Backlog)
    }
    return Backlog(**{name: add([getattr(row, name) for row in found]) for name, add in add_up.items() if found})


def _backlog() -> sa.Select[Any]:
    tenant_id = sa.bindparam("tenant_id", type_=sa.Uuid)
    pending = col(CommandRow.status) == CommandStatus.PENDING
    unsent = sa.or_(*(col(DeliveryRow.status) == each for each in UNSENT))
    overdue = (col(TaskRow.status) == TaskStatus.PENDING) & (col(TaskRow.due_at) < sa.func.now())
    commands, oldest_command = _counted(CommandRow, tenant_id, pending, col(CommandRow.created_at))
    deliveries, oldest_delivery = _counted(DeliveryRow, tenant_id, unsent, col(DeliveryRow.created_at))
    tasks, latest_task = _counted(TaskRow, tenant_id, overdue, col(TaskRow.due_at))
    found: sa.Select[Any] = sa.select(  # type: ignore[assignment]
        commands.label("pending_commands"),
        oldest_command.label("oldest_command_seconds"),
        deliveries.label("unsent_deliveries"),
        oldest_delivery.label("oldest_delivery_seconds"),
        tasks.label("overdue_tasks"),
        latest_task.label("latest_task_seconds"),
        count_stuck(tenant_id).label("stuck_cases"),
    )
    return found


def _counted(
    model: type[SQLModel], tenant_id: sa.BindParameter[UUID], which: sa.ColumnElement[bool], since: Any
) -> tuple[sa.ScalarSelect[int], sa.ScalarSelect[float]]:
    age = sa.extract("epoch", sa.func.now() - sa.func.min(since))
    oldest = sa.func.greatest(sa.cast(age, sa.Float), 0.0)
    of_tenant = (model.__table__.c.tenant_id == tenant_id) & which  # type: ignore[attr-defined]
    return (
        sa.select(sa.func.count()).select_from(model).where(of_tenant).scalar_subquery(),
        sa.select(sa.func.coalesce(oldest, 0.0)).where(of_tenant).scalar_subquery(),
    )


_BACKLOG = Plain(_backlog())
