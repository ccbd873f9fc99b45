"""Mail about a person's account: staged by a request, signed and sent by the delivery path that cases use.

There is no case whose workflow would send it. The request starts a `DeliverWorkflow` once it has committed, and the
sweep starts it again for what a crash has left unsent.
"""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from temporalio import activity
from uuid_utils.compat import uuid7

from activities.deliveries import SendStep
from domain.accounts import TokenPurpose
from domain.case import DeliveryStatus
from models.case import DeliveryRow
from models.database import Database
from models.people import MailedToken
from models.tenant import Tenant

STEPS_PER_SWEEP = 500

Deliver = Callable[[SendStep], Awaitable[bool]]


async def stage_account_mail(
    session: AsyncSession,
    *,
    tenant_id: UUID,
    account_id: UUID,
    template: str,
    correlation_id: str,
    purpose: TokenPurpose | None = None,
    context: dict[str, Any] | None = None,
) -> SendStep:
    """Writes a mail to the account, to be sent once the transaction is committed. With a `purpose` it will hold a token
    for that, and earlier tokens for it end: only the newest mail counts."""
    now = datetime.now(UTC)
    facts = dict(context or {})
    if purpose:
        await void_tokens(session, account_id, purpose)
        token = MailedToken(
            tenant_id=tenant_id, account_id=account_id, purpose=purpose, expires_at=now + purpose.lifetime
        )
        session.add(token)
        await session.flush()
        facts["mailed_token_id"] = str(token.id)
    step = SendStep(tenant_id, uuid7())
    await session.execute(
        sa.insert(DeliveryRow).values(
            tenant_id=tenant_id,
            step_id=step.step_id,
            channel="email",
            template=template,
            recipient_id=account_id,
            context=facts,
            status=DeliveryStatus.PENDING,
            correlation_id=correlation_id,
            due_at=now,
        )
    )
    return step


async def void_tokens(session: AsyncSession, account_id: UUID, *purposes: TokenPurpose) -> None:
    """Ends the account's unused tokens for these purposes."""
    await session.execute(
        sa.update(MailedToken)
        .where(
            col(MailedToken.account_id) == account_id,
            col(MailedToken.purpose).in_(purposes),
            col(MailedToken.used_at).is_(None),
        )
        .values(used_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )


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
            tenants = list(await session.scalars(sa.select(col(Tenant.id))))
        started = 0
        for tenant_id in tenants:
            activity.heartbeat()
            for step_id in await self._unsent(tenant_id):
                started += await self._deliver(SendStep(tenant_id, step_id))
        return started

    async def _unsent(self, tenant_id: UUID) -> list[UUID]:
        async with self._database.transaction(tenant_id) as session:
            steps = await session.scalars(
                sa.select(col(DeliveryRow.step_id))
                .where(
                    col(DeliveryRow.tenant_id) == tenant_id,
                    col(DeliveryRow.case_kind).is_(None),
                    col(DeliveryRow.status).in_([DeliveryStatus.PENDING, DeliveryStatus.SENDING]),
                    col(DeliveryRow.created_at) < datetime.now(UTC) - self._after,
                )
                .order_by(col(DeliveryRow.created_at))
                .limit(STEPS_PER_SWEEP)
            )
            return list(steps)
