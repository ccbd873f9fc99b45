"""Activities that keep failing: noted by the workers, read by whoever looks after the house."""

from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from models.database import Database
from models.failing import FailingActivity
from stores.tenants import tenants_with_failures

NOT_HEARD_OF_FOR = timedelta(minutes=15)
"""Longer than any attempt with the pause before it: one that was not tried again by then belonged to a run that is no
more."""

_TABLE: sa.Table = FailingActivity.__table__  # type: ignore[attr-defined]


async def note_failure(database: Database, failed: FailingActivity) -> None:
    """Writes down that an activity has failed, once more."""
    await _note(database, failed, "attempts", "fault", "failed_at")


async def note_attempt(database: Database, failed: FailingActivity) -> str:
    """Writes down that an activity is tried once more; returns by what it failed before: what was noted then, else the
    fault that is given."""
    return await _note(database, failed, "attempts", "failed_at")


async def _note(database: Database, failed: FailingActivity, *again: str) -> str:
    values = failed.model_dump()
    noting = insert(_TABLE).values(values)
    noting = noting.on_conflict_do_update(
        index_elements=_TABLE.primary_key.columns, set_={name: values[name] for name in again}
    )
    async with database.glance(failed.tenant_id) as session:
        fault: str = (await session.execute(noting.returning(_TABLE.c.fault))).scalar_one()
        return fault


async def forget_failure(database: Database, tenant_id: UUID, workflow_id: str, activity_id: str) -> None:
    """Notes that an activity has ended, well or not."""
    async with database.glance(tenant_id) as session:
        await session.execute(
            sa.delete(FailingActivity).where(
                col(FailingActivity.tenant_id) == tenant_id,
                col(FailingActivity.workflow_id) == workflow_id,
                col(FailingActivity.activity_id) == activity_id,
            )
        )


async def forget_earlier_run(database: Database, tenant_id: UUID, workflow_id: str) -> None:
    """Forgets what failed in a run that another has taken the place of."""
    async with database.glance(tenant_id) as session:
        await session.execute(
            sa.delete(FailingActivity).where(
                col(FailingActivity.tenant_id) == tenant_id, col(FailingActivity.workflow_id) == workflow_id
            )
        )


async def failing(database: Database) -> list[FailingActivity]:
    """Those of all tenants that keep failing now, oldest first."""
    found = list[FailingActivity]()
    for tenant_id in await _tenants(database):
        async with database.glance(tenant_id) as session:
            found += await session.scalars(failing_of(tenant_id))
    return sorted(found, key=lambda each: each.since)


def failing_of(tenant_id: UUID) -> sa.Select[FailingActivity]:
    """Those of one tenant that keep failing now, oldest first."""
    now = col(FailingActivity.failed_at) > sa.func.now() - NOT_HEARD_OF_FOR
    query = sa.select(FailingActivity).where(col(FailingActivity.tenant_id) == tenant_id, now)
    return query.order_by(col(FailingActivity.since))


async def forget_unheard_of(database: Database) -> None:
    """Removes those of runs that are no more."""
    for tenant_id in await _tenants(database):
        unheard_of = col(FailingActivity.failed_at) <= sa.func.now() - NOT_HEARD_OF_FOR
        async with database.glance(tenant_id) as session:
            await session.execute(
                sa.delete(FailingActivity).where(col(FailingActivity.tenant_id) == tenant_id, unheard_of)
            )


async def _tenants(database: Database) -> list[UUID]:
    async with database.transaction() as session:
        return await tenants_with_failures(session)
