"""How the mailboxes of all tenants stand, for whoever looks after the house."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.mail.states import MailboxState, MailState, Source, Waits
from models.database import Database
from models.mail import Mail, MailAccount
from models.tenants import Tenant
from stores.tenants import tenants_with_mailboxes


@dataclass(frozen=True)
class MailboxStanding:
    """A mailbox of a tenant, whose settings were made or last changed at `changed_at`. Its lag is of the mails that are
    kept and not read yet: how many, and for how many seconds the oldest of them has waited."""

    tenant: str
    id: UUID
    name: str
    source: Source
    state: MailboxState
    waits: Waits
    changed_at: datetime
    last_uid: int
    last_mail_at: datetime | None
    last_looked_at: datetime | None
    last_error: str | None
    last_error_at: datetime | None
    unread: int
    lag_seconds: float


async def mailboxes(database: Database) -> list[MailboxStanding]:
    """All of them, by tenant and name; a query for each tenant."""
    async with database.transaction() as session:
        tenants = await tenants_with_mailboxes(session)
    found = list[MailboxStanding]()
    for tenant_id in tenants:
        async with database.glance(tenant_id) as session:
            rows = (await session.execute(_of(tenant_id))).mappings()
            found += [MailboxStanding(**row) for row in rows]
    return sorted(found, key=lambda each: (each.tenant, each.name))


def _of(tenant_id: UUID) -> sa.Select[tuple[object, ...]]:
    unread = (
        sa.select(
            sa.func.count().label("unread"),
            sa.func.coalesce(
                sa.cast(sa.extract("epoch", sa.func.now() - sa.func.min(col(Mail.created_at))), sa.Float), 0.0
            ).label("lag_seconds"),
        )
        .where(
            col(Mail.tenant_id) == tenant_id,
            col(Mail.account_id) == col(MailAccount.id),
            col(Mail.state) == MailState.RECEIVED,
        )
        .lateral()
    )
    named = ("id", "name", "source", "state", "waits", "last_uid", "last_mail_at", "last_looked_at")
    columns = [getattr(MailAccount, name) for name in (*named, "last_error", "last_error_at")]
    return (
        sa.select(
            col(Tenant.slug).label("tenant"),
            *columns,
            col(MailAccount.updated_at).label("changed_at"),
            unread.c.unread,
            unread.c.lag_seconds,
        )
        .select_from(MailAccount)
        .join(Tenant, col(Tenant.id) == col(MailAccount.tenant_id))
        .join(unread, sa.true())
        .where(col(MailAccount.tenant_id) == tenant_id)
    )
