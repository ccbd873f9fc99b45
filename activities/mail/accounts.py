"""Mail about a person's account: staged by a request, signed and sent by the delivery path that cases use.

It belongs to no case, so no case's workflow sends it. The request starts a `DeliverWorkflow` after its commit; what a
crash leaves unsent, the sweep starts again.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio import activity

from domain.cases import UNSENT, StepRef
from models.cases import DeliveryRow
from models.database import Database
from stores.tenants import tenant_ids

STEPS_PER_SWEEP = 500

Deliver = Callable[[StepRef], Awaitable[bool]]


class AccountMailActivities:
    """`deliver` starts the sending of a step, and says whether the engine took it."""

    def __init__(self, database: Database, deliver: Deliver, *, after: timedelta) -> None:
        self._database = database
        self._deliver = deliver
        self._after = after

    @activity.defn(name="account_mail.sweep")
    async def sweep(self) -> int:
        """Starts the sending of what a crash has left unsent; returns how many steps were started."""
        async with self._database.transaction() as session:
            tenants = await tenant_ids(session)
        started = 0
        for tenant_id in tenants:
            activity.heartbeat()
            for step_id in await self._unsent(tenant_id):
                started += await self._deliver(StepRef(tenant_id, step_id))
        return started

    async def _unsent(self, tenant_id: UUID) -> list[UUID]:
        async with self._database.transaction(tenant_id) as session:
            steps = await session.scalars(
                sa.select(col(DeliveryRow.step_id))
                .where(
                    col(DeliveryRow.tenant_id) == tenant_id,
                    col(DeliveryRow.case_kind).is_(None),
                    col(DeliveryRow.status).in_(UNSENT),
                    col(DeliveryRow.created_at) < datetime.now(UTC) - self._after,
                )
                .order_by(col(DeliveryRow.created_at))
                .limit(STEPS_PER_SWEEP)
            )
            return list(steps)
