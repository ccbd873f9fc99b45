"""Mail about a person's account: staged by a request, signed and sent by the delivery path that cases use.

It belongs to no case, so no case's workflow sends it. The request starts a `DeliverWorkflow` after its commit; what a
crash leaves unsent, the sweep starts again.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col
from temporalio import activity

from activities.progress import tell_that_it_goes_on
from domain.cases import UNSENT, StepRef
from models.base import UTC_TIME
from models.cases import DeliveryRow
from models.database import Database
from stores.tenants import tenants_with_account_mail

STEPS_PER_SWEEP = 500
_BEFORE_ALL = (datetime.min.replace(tzinfo=UTC), UUID(int=0))

Deliver = Callable[[StepRef], Awaitable[bool]]


class AccountMailActivities:
    """`deliver` starts the sending of a step, and says whether the engine took it."""

    def __init__(self, database: Database, deliver: Deliver, *, after: timedelta) -> None:
        self._database = database
        self._deliver = deliver
        self._after = after
        self._stopped_at: dict[UUID, tuple[datetime, UUID]] = {}

    @activity.defn(name="account_mail.sweep")
    async def sweep(self) -> int:
        """Starts the sending of what a crash has left unsent; returns how many steps were started."""
        async with self._database.transaction() as session:
            tenants = await tenants_with_account_mail(session, created_before=datetime.now(UTC) - self._after)
        return sum([await self._sweep_tenant(tenant_id) for tenant_id in tenants])

    async def _sweep_tenant(self, tenant_id: UUID) -> int:
        """Goes on where the last sweep of the tenant has stopped: those that are being sent, and go on failing, must
        not hide the others."""
        unsent = await self._unsent(tenant_id, self._stopped_at.pop(tenant_id, _BEFORE_ALL))
        for started, (created_at, step_id) in enumerate(unsent):
            tell_that_it_goes_on()
            taken = await self._deliver(StepRef(tenant_id, step_id))
            if not taken or started + 1 == STEPS_PER_SWEEP:
                self._stopped_at[tenant_id] = (created_at, step_id)
            if not taken:
                return started
        return len(unsent)

    async def _unsent(self, tenant_id: UUID, since: tuple[datetime, UUID]) -> list[tuple[datetime, UUID]]:
        created_at, step_id = since
        wanted = {
            "of_tenant": tenant_id,
            "before": datetime.now(UTC) - self._after,
            "time": created_at,
            "step": step_id,
            "most": STEPS_PER_SWEEP,
        }
        async with self._database.glance(tenant_id) as session:
            return [(row.created_at, row.step_id) for row in await session.execute(_unsent(), wanted)]


@cache
def _unsent() -> sa.Select[datetime, UUID]:
    """The mail about accounts that is unsent, in order, after a place; built once, because every round asks for it."""
    place = sa.bindparam("time", type_=UTC_TIME), sa.bindparam("step", type_=sa.Uuid())
    return (
        sa.select(col(DeliveryRow.created_at), col(DeliveryRow.step_id))
        .where(
            col(DeliveryRow.tenant_id) == sa.bindparam("of_tenant"),
            col(DeliveryRow.case_kind).is_(None),
            col(DeliveryRow.status).in_(UNSENT),
            col(DeliveryRow.created_at) < sa.bindparam("before"),
            sa.tuple_(col(DeliveryRow.created_at), col(DeliveryRow.step_id)) > sa.tuple_(*place),
        )
        .order_by(col(DeliveryRow.created_at), col(DeliveryRow.step_id))
        .limit(sa.bindparam("most", type_=sa.Integer()))
    )
