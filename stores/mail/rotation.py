"""Seals anew what an earlier key has sealed."""

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from domain.mail.mailbox import MailboxRef
from models.database import Database
from models.mail import MailAccount
from stores.mail.accounts import account_of
from stores.mail.secrets import Secrets, SecretUnreadable
from stores.tenants import tenants_with_mailboxes


@dataclass
class Rotated:
    """How many secrets were sealed anew, how many were by the newest key already, and how many no key opens."""

    sealed: int = 0
    current: int = 0
    unreadable: int = 0


async def rotate(database: Database, secrets: Secrets) -> Rotated:
    """Seals all of them by the first key, each row in a transaction of its own: whoever logs in meanwhile finds the one
    or the other, and whoever changes one waits for a moment. Raises NoSecretKeys."""
    done = Rotated()
    async with database.transaction() as session:
        tenants = await tenants_with_mailboxes(session)
    for tenant_id in tenants:
        async with database.transaction(tenant_id) as session:
            ids = list(
                await session.scalars(sa.select(col(MailAccount.id)).where(col(MailAccount.tenant_id) == tenant_id))
            )
        for account_id in ids:
            await _rotate(database, tenant_id, account_id, secrets, done)
    return done


async def _rotate(database: Database, tenant_id: UUID, account_id: UUID, secrets: Secrets, done: Rotated) -> None:
    async with database.transaction(tenant_id) as session:
        account = await account_of(session, MailboxRef(tenant_id, account_id), lock=True)
        if account is None:
            return
        account.secret = _sealed(account, account.secret, secrets, done)
        account.smtp_secret = _sealed(account, account.smtp_secret, secrets, done)


def _sealed(account: MailAccount, sealed: bytes | None, secrets: Secrets, done: Rotated) -> bytes | None:
    if sealed is None:
        return None
    if secrets.is_newest(sealed):
        done.current += 1
        return sealed
    try:
        text = secrets.open(account.tenant_id, account.id, sealed)
    except SecretUnreadable:
        done.unreadable += 1
        return sealed
    done.sealed += 1
    return secrets.seal(account.tenant_id, account.id, text)
