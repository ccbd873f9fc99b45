"""Mail about a person's account, staged in the transaction that causes it."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import DeliveryStatus, StepRef
from domain.people.accounts import TokenPurpose
from models.cases import DeliveryRow
from models.people import Account, MailedToken


async def stage_account_mail(
    session: AsyncSession,
    *,
    tenant_id: UUID,
    account_id: UUID,
    template: str,
    correlation_id: str,
    purpose: TokenPurpose | None = None,
    context: dict[str, Any] | None = None,
) -> StepRef:
    """Writes a mail to the account, to be sent once the transaction is committed. With a `purpose` it will hold a token
    for that, and the tenant's earlier tokens for it end: only the newest mail counts.

    A mail to an address that was never `proven` holds no name of a person or a tenant, because strangers may have
    chosen it as an advertisement.
    """
    now = datetime.now(UTC)
    proven = await session.scalar(sa.select(col(Account.email_verified_at)).where(col(Account.id) == account_id))
    facts = {**(context or {}), "proven": proven is not None}
    if purpose:
        facts["mailed_token_id"] = str(await make_token(session, tenant_id, account_id, purpose))
    step = StepRef(tenant_id, uuid7())
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


async def make_token(session: AsyncSession, tenant_id: UUID, account_id: UUID, purpose: TokenPurpose) -> UUID:
    """Writes the row behind a token that will be mailed to the account; returns its id. An earlier token ends."""
    await void_tokens(session, account_id, purpose, tenant_id=tenant_id)
    expires_at = datetime.now(UTC) + purpose.lifetime
    token = MailedToken(tenant_id=tenant_id, account_id=account_id, purpose=purpose, expires_at=expires_at)
    session.add(token)
    await session.flush()
    return token.id


async def void_tokens(
    session: AsyncSession, account_id: UUID, *purposes: TokenPurpose, tenant_id: UUID | None = None
) -> None:
    """Ends the account's unused tokens for these purposes, those of one tenant when it is named."""
    await session.execute(
        sa.update(MailedToken)
        .where(
            col(MailedToken.account_id) == account_id,
            col(MailedToken.purpose).in_(purposes),
            col(MailedToken.used_at).is_(None),
            col(MailedToken.tenant_id) == tenant_id if tenant_id else sa.true(),
        )
        .values(used_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )
