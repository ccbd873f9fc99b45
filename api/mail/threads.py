"""A conversation by mail, both sides of it."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.mail.message_schemas import Direction, ThreadEntryView
from api.mail.schemas import progress_of
from domain.cases import CaseKind
from models.cases import DeliveryRow
from models.mail import Mail

MOST_ENTRIES = 200
"""Of each side; the newest."""


async def thread_of(session: AsyncSession, mail: Mail) -> list[ThreadEntryView]:
    """The mails about this one's ticket, oldest first. One without a ticket is alone, beside its copies."""
    if mail.ticket_id is None:
        first = mail.duplicate_of or mail.id
        came = sa.or_(col(Mail.id) == first, col(Mail.duplicate_of) == first)
        return _in_order([_came(each) for each in await session.scalars(_newest(came))])
    owed = (
        sa.select(DeliveryRow)
        .where(col(DeliveryRow.case_kind) == CaseKind.TICKET, col(DeliveryRow.case_id) == mail.ticket_id)
        .order_by(col(DeliveryRow.created_at).desc())
        .limit(MOST_ENTRIES)
    )
    received = [_came(each) for each in await session.scalars(_newest(col(Mail.ticket_id) == mail.ticket_id))]
    return _in_order([*received, *(_goes(row) for row in await session.scalars(owed))])


def _newest(which: sa.ColumnElement[bool]) -> sa.Select[Mail]:
    return sa.select(Mail).where(which).order_by(col(Mail.received_at).desc()).limit(MOST_ENTRIES)


def _in_order(entries: list[ThreadEntryView]) -> list[ThreadEntryView]:
    return sorted(entries, key=lambda entry: (entry.at, entry.id))


def _came(mail: Mail) -> ThreadEntryView:
    return ThreadEntryView(
        direction=Direction.IN,
        id=mail.id,
        at=mail.received_at,
        message_id=mail.message_id,
        status=mail.state,
        subject=mail.subject,
        sender_address=mail.sender_address,
        template=None,
    )


def _goes(row: DeliveryRow) -> ThreadEntryView:
    return ThreadEntryView(
        direction=Direction.OUT,
        id=row.id,
        at=row.sent_at or row.created_at,
        message_id=row.message_id,
        status=progress_of(row),
        subject=None,
        sender_address=None,
        template=row.template,
    )
