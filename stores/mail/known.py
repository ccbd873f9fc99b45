"""What the tenant knows of Message-IDs, of its own addresses, and of those that others write from."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.mail.listing import Listed
from domain.mail.naming import Known
from domain.mail.states import KnownAs
from models.mail import KnownMessageId, MailAccountAddress, MailAddress
from models.plain import Plain
from models.round_trips import send_with_next
from models.tickets import Ticket

_KNOWN = insert(KnownMessageId)
_REMEMBER = Plain(
    _KNOWN.on_conflict_do_update(
        index_elements=["tenant_id", "message_id"],
        set_={"ticket_id": _KNOWN.excluded.ticket_id},
        where=col(KnownMessageId.mail_id) == _KNOWN.excluded.mail_id,
    ),
    ("id", "tenant_id", "message_id", "ticket_id", "known_as", "mail_id"),
)


async def own_addresses(session: AsyncSession) -> frozenset[str]:
    """The addresses of the tenant's mailboxes, in lower case."""
    return frozenset(await session.scalars(sa.select(col(MailAccountAddress.address))))


async def known_ids(session: AsyncSession, message_ids: Collection[str]) -> dict[str, Known]:
    """What the tenant knows of these Message-IDs."""
    if not message_ids:
        return {}
    rows = await session.scalars(sa.select(KnownMessageId).where(col(KnownMessageId.message_id).in_(message_ids)))
    return {row.message_id: Known(row.ticket_id, row.known_as) for row in rows}


async def numbered_tickets(session: AsyncSession, numbers: Collection[str]) -> dict[str, UUID]:
    """The tenant's tickets by their numbers."""
    if not numbers:
        return {}
    rows = await session.execute(sa.select(col(Ticket.number), col(Ticket.id)).where(col(Ticket.number).in_(numbers)))
    return {str(row.number): row.id for row in rows}


async def sent_by_us(session: AsyncSession, message_id: str) -> KnownMessageId | None:
    """What is known of a Message-ID under which we, or a relay for us, have sent something."""
    found: KnownMessageId | None = await session.scalar(
        sa.select(KnownMessageId).where(
            col(KnownMessageId.message_id) == message_id,
            col(KnownMessageId.known_as).in_([KnownAs.SENT, KnownAs.RELAYED]),
        )
    )
    return found


def remember(session: AsyncSession, tenant_id: UUID, message_id: str, ticket_id: UUID, mail_id: UUID) -> None:
    """Has the Message-ID of a mail name its ticket from now on. One that names another's ticket already goes on doing
    so."""
    send_with_next(
        session,
        _REMEMBER(
            id=uuid7(),
            tenant_id=tenant_id,
            message_id=message_id,
            ticket_id=ticket_id,
            known_as=KnownAs.RECEIVED,
            mail_id=mail_id,
        ),
    )


@dataclass(frozen=True)
class Entries:
    """What is noted of addresses and domains: how they are listed, and which take no mail."""

    listed: Mapping[str, Listed]
    undeliverable: Collection[str]

    @property
    def blocked_domains(self) -> list[str]:
        """Those domains of which all is blocked."""
        return [
            entry.removeprefix("@")
            for entry, said in self.listed.items()
            if said is Listed.BLOCKED and entry.startswith("@")
        ]


async def entries(session: AsyncSession, addresses: Collection[str]) -> Entries:
    """What is noted of these addresses, and of domains written as `@example.com`."""
    rows = list(await session.scalars(sa.select(MailAddress).where(col(MailAddress.address).in_(addresses))))
    return Entries(
        {row.address: Listed(row.listed) for row in rows if row.listed},
        frozenset(row.address for row in rows if row.undeliverable_since),
    )


async def is_proven(session: AsyncSession, address: str) -> None:
    """Somebody has proven to write from the address, so mails arrive there again."""
    await session.execute(
        sa.update(MailAddress)
        .where(col(MailAddress.address) == address, col(MailAddress.undeliverable_since).is_not(None))
        .values(undeliverable_since=None, undeliverable_status=None, updated_at=sa.func.now())
        .execution_options(synchronize_session=False)
    )


async def is_undeliverable(session: AsyncSession, tenant_id: UUID, address: str, status: str) -> None:
    """Notes that no mail arrives at an address, by the status code of RFC 3463."""
    found = {"undeliverable_since": sa.func.now(), "undeliverable_status": status[:20], "updated_at": sa.func.now()}
    await session.execute(
        insert(MailAddress)
        .values(id=uuid7(), tenant_id=tenant_id, address=address, **found)
        .on_conflict_do_update(index_elements=["tenant_id", "address"], set_=found)
    )
