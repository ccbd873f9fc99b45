"""A mail that has come, as it is read and judged before anybody decides about it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.mail.naming import numbers_in, referred
from domain.mail.reading.content import ReadMail
from domain.mail.states import MailState, Verdict
from models.mail import Mail, MailAccount

Judge = Callable[[bytes, ReadMail, str | None], Awaitable[tuple[Verdict, dict[str, str]]]]
"""Says whether a mail is from whom it says it is, and why: by its bytes, what was read of it, and the name under which
the mailbox's own server notes what it has checked."""


class Reader(Protocol):
    """Reads mails. Raises Unreadable."""

    async def read(self, raw: bytes, *, arrived_at: datetime, whole: bool) -> ReadMail: ...


@dataclass(frozen=True)
class Waiting:
    """A mail that nobody has decided about yet, with what its mailbox says of it."""

    tenant_id: UUID
    mail_id: UUID
    account_id: UUID
    raw_key: str | None
    raw_size: int
    received_at: datetime
    too_large: bool
    authserv_id: str | None
    group_id: UUID | None
    category_id: UUID | None


@dataclass(frozen=True)
class Arrived:
    """A mail that was read."""

    waiting: Waiting
    read: ReadMail
    verdict: Verdict
    verdict_because: dict[str, str]

    @property
    def sender_address(self) -> str:
        """Whom it says it is from, else where it is returned to; empty where it says neither."""
        return self.read.sender.address if self.read.sender else self.read.return_path or ""

    @property
    def answers_go_to(self) -> str:
        """Where what answers by itself goes (RFC 3834, 4)."""
        return self.read.return_path or self.sender_address

    @property
    def turns(self) -> frozenset[str]:
        """What it has in common with mails that must not overtake it: its sender, and what its ticket is named by."""
        read = self.read
        named = (*referred(read), *numbers_in(read.subject), *(each.address for each in (*read.to, *read.cc)))
        tagged = {each for each in named if "+" in each or "@" not in each or each.startswith("<")}
        return frozenset({self.sender_address, read.message_id or "", *tagged} - {""})


async def waiting_mails(session: AsyncSession, account_id: UUID, limit: int, seen: set[UUID]) -> list[Waiting]:
    """The mails of a mailbox that wait, in the order in which they came, less those that were `seen`."""
    query = (
        sa.select(Mail, col(MailAccount.authserv_id), col(MailAccount.group_id), col(MailAccount.category_id))
        .join(MailAccount, col(MailAccount.id) == col(Mail.account_id))
        .where(col(Mail.account_id) == account_id, col(Mail.state) == MailState.RECEIVED, col(Mail.id).not_in(seen))
        .order_by(col(Mail.id))
        .limit(limit)
    )
    found: Any = await session.execute(query)
    return [
        Waiting(
            tenant_id=mail.tenant_id,
            mail_id=mail.id,
            account_id=mail.account_id,
            raw_key=mail.raw_key,
            raw_size=mail.raw_size,
            received_at=mail.received_at,
            too_large=mail.too_large,
            authserv_id=authserv_id,
            group_id=group_id,
            category_id=category_id,
        )
        for mail, authserv_id, group_id, category_id in found
    ]
