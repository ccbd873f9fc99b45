"""Counts what mails do, against the limits of `domain.mail.flood`."""

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.mail.flood import (
    LONGEST_COUNTED,
    OF_A_SENDER_WITHIN,
    ON_A_TICKET_WITHIN,
    QUIET_AFTER,
    floods,
    may_answer,
)
from domain.mail.states import HeldFor, MailState
from models.mail import AutomaticAnswer, Mail
from models.plain import insert_of
from models.round_trips import send_with_next
from stores.mail.locks import lock_answers

_ANSWERS = sa.text("SELECT within_hour, within_day FROM automatic_answers_to(:addresses, :hour_ago, :day_ago)")


async def sender_floods(session: AsyncSession, address: str, now: datetime) -> bool:
    """Whether another ticket of this sender is one too many, or there was no hour of quiet since one was."""
    count = sa.func.count()
    opened = count.filter(
        col(Mail.state).in_([MailState.OPENED, MailState.DELETED]),
        col(Mail.settled_at) > now - OF_A_SENDER_WITHIN,
    )
    held = count.filter(col(Mail.held_for) == HeldFor.FLOOD, col(Mail.settled_at) > now - QUIET_AFTER)
    row = (await session.execute(sa.select(opened, held).where(col(Mail.sender_address) == address))).one()
    return row[1] > 0 or floods(opened=row[0], on_ticket=0)


async def ticket_is_flooded(session: AsyncSession, ticket_id: UUID, now: datetime) -> bool:
    """Whether another mail on this ticket is one too many, or there was no hour of quiet since one was."""
    count = sa.func.count()
    came = count.filter(
        col(Mail.state).in_([MailState.JOINED, MailState.AUTOMATIC, MailState.DELETED]),
        col(Mail.settled_at) > now - ON_A_TICKET_WITHIN,
    )
    held = count.filter(col(Mail.held_for) == HeldFor.FLOOD, col(Mail.settled_at) > now - QUIET_AFTER)
    row = (await session.execute(sa.select(came, held).where(col(Mail.ticket_id) == ticket_id))).one()
    return row[1] > 0 or floods(opened=0, on_ticket=row[0])


async def may_answer_to(session: AsyncSession, addresses: Collection[str], now: datetime) -> bool:
    """Whether each of these addresses may get another automatic answer, of whatever tenant. Nobody else decides that
    until the transaction is over: count it by `answered`."""
    lock_answers(session, addresses)
    asked = {"addresses": list(addresses), "hour_ago": now - OF_A_SENDER_WITHIN, "day_ago": now - LONGEST_COUNTED}
    rows = await session.execute(_ANSWERS, asked)
    return all(may_answer(within_hour=row.within_hour, within_day=row.within_day) for row in rows)


def answered(session: AsyncSession, tenant_id: UUID, address: str, now: datetime) -> None:
    """Counts an automatic answer to an address, in the transaction that stages it."""
    send_with_next(session, insert_of(AutomaticAnswer(tenant_id=tenant_id, address=address, at=now)))
