"""A tenant with a mailbox on a real server, and the activity that fetches it."""

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlmodel import col
from temporalio.testing import ActivityEnvironment
from uuid_utils.compat import uuid7

from activities.mail.fetching import FetchActivities, Pace
from activities.mail.logins import Logins
from domain.mail.fetching import Fetched, Standing
from domain.mail.mailbox import MailboxRef
from domain.mail.states import LoginKind, Security, Start
from models.database import Database
from models.mail import Mail, MailAccount, MailAccountAddress
from stores.files.storage import FileStorage
from stores.mail.secrets import Secrets
from tests.activities.desk import new_desk
from tests.activities.mail.imap import ADDRESS, PASSWORD

KEY = os.urandom(32)
SECRETS = Secrets([KEY])
AT_ONCE = Pace(turn_seconds=0.0)
"""A turn that takes in what there is and waits for nothing."""


@dataclass
class Mailbox:
    """A mailbox of a tenant of its own. What its workflow would hear is in `told`."""

    database: Database
    ref: MailboxRef
    home: Path
    told: list[Standing] = field(default_factory=list)
    secrets: Secrets = SECRETS

    @property
    def storage(self) -> FileStorage:
        """Where the bytes lie."""
        return FileStorage.at(None, self.home)

    def activities(self, pace: Pace = AT_ONCE, *, private: bool = True) -> FetchActivities:
        """Those of a worker of its own."""

        async def tell(standing: Standing) -> None:
            self.told.append(standing)

        logins = Logins(self.database, self.secrets, private=private)
        return FetchActivities(self.database, self.storage, logins, private=private, tell=tell, pace=pace)

    async def fetch(self, pace: Pace = AT_ONCE, *, private: bool = True) -> Fetched:
        """One turn."""
        fetched: Fetched = await ActivityEnvironment().run(self.activities(pace, private=private).fetch, self.ref)
        return fetched

    async def row(self) -> MailAccount:
        """The mailbox as it stands."""
        async with self.database.transaction(self.ref.tenant_id) as session:
            return await session.get_one(MailAccount, self.ref.account_id)

    async def change(self, **values: Any) -> None:
        """Changes it, as an administrator does."""
        async with self.database.transaction(self.ref.tenant_id) as session:
            account = await session.get_one(MailAccount, self.ref.account_id)
            for name, value in {**values, "changed": account.changed + 1}.items():
                setattr(account, name, value)

    async def mails(self) -> list[Mail]:
        """What was kept, in order."""
        async with self.database.transaction(self.ref.tenant_id) as session:
            mine = col(Mail.account_id) == self.ref.account_id
            return list(await session.scalars(sa.select(Mail).where(mine).order_by(col(Mail.uid))))

    async def raws(self) -> list[bytes]:
        """The bytes of each."""
        return [await self.bytes_of(mail.raw_key or "") for mail in await self.mails()]

    async def bytes_of(self, key: str) -> bytes:
        return b"".join([chunk async for chunk in await self.storage.get(key, 0, 1 << 40)])

    def stored(self) -> set[str]:
        """The keys of all that is stored for the tenant."""
        folder = self.home / "files" / str(self.ref.tenant_id)
        return {f"{self.ref.tenant_id}/{path.name}" for path in folder.iterdir()} if folder.exists() else set()


async def new_mailbox(database: Database, home: Path, port: int, **given: Any) -> Mailbox:
    """A mailbox at this port of this machine; `given` are columns of its row."""
    desk = await new_desk(database)
    account_id = uuid7()
    secret = given.pop("secret_text", PASSWORD)
    columns: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.NONE,
        "username": ADDRESS,
        "login": LoginKind.PASSWORD,
        "start": Start.UNSEEN,
        "size_limit": 25 * 1024 * 1024,
        **given,
    }
    async with database.transaction(desk.tenant_id) as session:
        sealed = SECRETS.seal(desk.tenant_id, account_id, secret)
        session.add(MailAccount(id=account_id, tenant_id=desk.tenant_id, name="Support", secret=sealed, **columns))
        await session.flush()
        address = f"support@{account_id}.example"
        session.add(MailAccountAddress(tenant_id=desk.tenant_id, account_id=account_id, address=address, place=0))
    return Mailbox(database, MailboxRef(desk.tenant_id, account_id), home)
