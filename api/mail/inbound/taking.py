"""Takes a mail in that a provider has brought: its bytes lie in the storage before its row is written."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

import sqlalchemy as sa
from sqlmodel import col

from api.http.problems import not_found
from api.http.services import Services
from api.mail.inbound.deliveries import Brought
from domain.mail.mailbox import MailboxRef
from domain.mail.reach import PARTIAL_BYTES
from domain.mail.states import Source
from models.database import look_as
from models.mail import MailAccount
from stores.files.storage import new_key
from stores.mail.accounts import account_of
from stores.mail.keeping import MailboxChanged, Raw, keep

_END_OF_HEADER = (b"\r\n\r\n", b"\n\n")


async def mailbox_by(service: Services, token: str, source: Source) -> MailAccount:
    """The mailbox that takes mails of this provider by this token. Raises Problem 404."""
    query = sa.select(MailAccount).where(col(MailAccount.inbound_token) == token, col(MailAccount.source) == source)
    async with service.database.transaction() as session:
        await look_as(session, inbound_token=token)
        found: MailAccount | None = await session.scalar(query)
    if found is None:
        raise not_found("mailbox")
    return found


async def take_in(service: Services, account: MailAccount, brought: Brought) -> UUID:
    """Keeps a mail, and returns the id of its row. Of one that is larger than the mailbox takes only the beginning is
    kept. Raises StorageAway, Problem 404 for a mailbox that has just gone."""
    mailbox = MailboxRef(account.tenant_id, account.id)
    size = await asyncio.to_thread(_size_of, brought, account.authserv_id)
    too_large = size > account.size_limit
    counted = _Counted(brought.written(account.authserv_id), beginning=too_large)
    key = new_key(account.tenant_id)
    await service.files.put(key, counted.chunks())
    raw = Raw(key, size, counted.sha256, datetime.now(UTC), too_large=too_large)
    try:
        # What is not written now lies in the storage for nobody, until it is swept: the answer of a commit may get
        # lost.
        async with service.database.transaction(account.tenant_id) as session:
            locked = await account_of(session, mailbox, lock=True)
            if locked is None:
                raise not_found("mailbox")
            kept = await keep(session, locked, raw)
    except MailboxChanged:
        raise not_found("mailbox") from None
    service.mailboxes.wake_soon(mailbox)
    return kept.id


def _size_of(brought: Brought, authserv_id: str | None) -> int:
    return sum(map(len, brought.written(authserv_id)))


@dataclass
class _Counted:
    """The bytes of a mail on their way, hashed as they pass; of one that is too large only the `beginning`: its header
    and what follows it, each up to `PARTIAL_BYTES`."""

    parts: Iterator[bytes]
    beginning: bool

    def __post_init__(self) -> None:
        self._hash = sha256()

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    async def chunks(self) -> AsyncIterator[bytes]:
        parts = _beginning(self.parts) if self.beginning else self.parts
        while chunk := await asyncio.to_thread(next, parts, None):
            self._hash.update(chunk)
            yield chunk


def _beginning(parts: Iterator[bytes]) -> Iterator[bytes]:
    head = b""
    while len(head) < 2 * PARTIAL_BYTES and (chunk := next(parts, None)):
        head += chunk
    ends = [at + len(mark) for mark in _END_OF_HEADER if (at := head.find(mark, 0, PARTIAL_BYTES)) >= 0]
    yield head[: min(ends, default=PARTIAL_BYTES) + PARTIAL_BYTES]
