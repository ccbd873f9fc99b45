"""What comes back: reports about mails that we have sent (RFC 3464), which count only if they are about such a one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from activities.mail.arrived import Arrived
from activities.mail.facts import sent_to
from activities.mail.writing import COMMANDS
from domain.cases import CaseKind, DeliveryStatus
from domain.mail.bouncing import Bounce, bounce
from domain.mail.deciding import Why
from domain.mail.reading.content import Report
from domain.mail.reply_addresses import ReplyAddresses
from domain.mail.states import MailState
from domain.mail_matters.rules import MatterAbout
from models.cases import CommandRow, DeliveryRow
from models.mail import Mail, TicketParticipant
from models.people import Account, Customer
from stores.mail.known import is_undeliverable, sent_by_us
from stores.mail.matters import raise_matter


@dataclass(frozen=True)
class _Ours:
    """A delivery of ours, and the address that it went to."""

    row: DeliveryRow
    address: str


async def take_report(
    session: AsyncSession, arrived: Arrived, mail: Mail, addresses: ReplyAddresses
) -> list[CommandRow]:
    """Settles a mail that reports about others; returns the commands to be carried after the transaction."""
    now = datetime.now(UTC)
    mail.state, mail.settled_at = MailState.BOUNCE, now
    ours = await _about(session, arrived, mail.tenant_id, addresses)
    if ours is None:
        mail.why = Why.UNPROVEN_REPORT
        await session.flush()
        return []
    if ours.row.case_kind is CaseKind.TICKET:
        mail.ticket_id = ours.row.case_id
    found = [(bounce(report), report) for report in arrived.read.reports]
    worst = next(((each, report) for each, report in found if each is Bounce.GONE), None) or next(
        ((each, report) for each, report in found if each is Bounce.REFUSED), None
    )
    if worst is None:
        mail.why = next((each for each, _ in found), Bounce.NOTHING)
        await session.flush()
        return []
    mail.why = worst[0]
    commands = await _bounced(session, mail, ours, worst[1], now)
    if worst[0] is Bounce.GONE:
        commands += await _gone(session, mail, ours, worst[1], now)
    await session.flush()
    return commands


async def _bounced(session: AsyncSession, mail: Mail, ours: _Ours, report: Report, now: datetime) -> list[CommandRow]:
    """Marks the delivery, once however many reports come, and has its ticket know."""
    marked = await session.scalar(
        sa.update(DeliveryRow)
        .where(col(DeliveryRow.id) == ours.row.id, col(DeliveryRow.status) == DeliveryStatus.SENT)
        .values(status=DeliveryStatus.BOUNCED, error_code=report.status[:60])
        .returning(col(DeliveryRow.id))
        .execution_options(synchronize_session=False)
    )
    if marked is None or ours.row.case_kind is not CaseKind.TICKET:
        return []
    command = CommandRow(
        tenant_id=mail.tenant_id,
        id=uuid5(COMMANDS, f"{mail.id}/{mail.reprocessed}"),
        case_kind=CaseKind.TICKET,
        case_id=ours.row.case_id,
        kind=f"{CaseKind.TICKET}.note_bounce",
        arguments={"delivery_id": str(ours.row.id)},
        actor_id=None,
        asked_by=mail.id,
        correlation_id=str(mail.id),
        fingerprint="",
        created_at=now,
    )
    session.add(command)
    return [command]


async def _gone(session: AsyncSession, mail: Mail, ours: _Ours, report: Report, now: datetime) -> list[CommandRow]:
    """The address takes no mail: nothing is sent there until it is proven, and somebody of the staff is to know."""
    await is_undeliverable(session, mail.tenant_id, ours.address, report.status)
    matter = await raise_matter(
        session,
        mail.tenant_id,
        MatterAbout.UNDELIVERABLE,
        ours.address,
        now,
        mail_id=mail.id,
        ticket_id=mail.ticket_id,
    )
    return [matter] if matter else []


async def _about(session: AsyncSession, arrived: Arrived, tenant_id: UUID, addresses: ReplyAddresses) -> _Ours | None:
    """The delivery that the report is about: by the signed return path at which it has come, else by the Message-ID
    that we sent to that recipient. Anything else anybody could write."""
    read = arrived.read
    for address in sent_to(read):
        named = addresses.named(address, tenant_id)
        if named and named.delivery_id and (ours := await _delivery(session, named.delivery_id)):
            return ours
    known = await sent_by_us(session, read.report_of) if read.report_of else None
    if known is None or known.delivery_id is None:
        return None
    ours = await _delivery(session, known.delivery_id)
    recipients = {report.recipient.lower() for report in read.reports}
    return ours if ours and ours.address in recipients else None


async def _delivery(session: AsyncSession, delivery_id: UUID) -> _Ours | None:
    row: Any = (
        await session.execute(
            sa.select(
                DeliveryRow,
                sa.func.coalesce(col(Account.email), col(Customer.email), col(TicketParticipant.address)).label(
                    "address"
                ),
            )
            .outerjoin(Account, col(Account.id) == col(DeliveryRow.recipient_id))
            .outerjoin(Customer, col(Customer.id) == col(DeliveryRow.customer_id))
            .outerjoin(TicketParticipant, col(TicketParticipant.id) == col(DeliveryRow.participant_id))
            .where(col(DeliveryRow.id) == delivery_id)
        )
    ).one_or_none()
    return _Ours(row[0], row.address.lower()) if row and row.address else None
