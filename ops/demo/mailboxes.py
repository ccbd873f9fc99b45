"""The mailboxes of the demo tenants, which the embedded IMAP server has."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.mail.states import Security, Start
from models.database import Database
from models.mail import MailAccount, MailAccountAddress
from ops.embedded.maildirs import MAILBOXES
from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from stores.mail.secrets import Secrets
from stores.tenants import tenant_named

_SIZE_LIMIT = 25 * 1024 * 1024


async def seed_mailboxes(database: Database, config: Settings) -> None:
    """Gives each demo tenant the mailbox of its domain, unless it has one of that address; one that it has is where the
    embedded server listens now."""
    secrets, password = Secrets.of(config.secret_keys), load_or_create(config.home.absolute()).mailbox_password
    for address in MAILBOXES:
        async with database.transaction() as session:
            tenant_id = await tenant_named(session, address.partition("@")[2].removesuffix(".example"))
        if tenant_id is None:
            continue
        async with database.transaction(tenant_id) as session:
            await _seed(session, tenant_id, address, config.imap_port, secrets, password)


async def _seed(
    session: AsyncSession, tenant_id: UUID, address: str, port: int, secrets: Secrets, password: str
) -> None:
    found = await session.scalar(
        sa.select(MailAccount)
        .join(MailAccountAddress, col(MailAccountAddress.account_id) == col(MailAccount.id))
        .where(col(MailAccountAddress.address) == address)
        .with_for_update()
    )
    if found is not None:
        if found.host == "127.0.0.1" and found.port != port:
            found.port, found.changed = port, found.changed + 1
        return
    account_id = uuid7()
    embedded: dict[str, Any] = {"host": "127.0.0.1", "port": port, "security": Security.NONE, "username": address}
    session.add(
        MailAccount(
            id=account_id,
            tenant_id=tenant_id,
            name="Support",
            secret=secrets.seal(tenant_id, account_id, password),
            start=Start.UNSEEN,
            size_limit=_SIZE_LIMIT,
            **embedded,
        )
    )
    await session.flush()
    session.add(MailAccountAddress(tenant_id=tenant_id, account_id=account_id, address=address, place=0))
