"""What people decide about a mail. All but `spam` and `delete` have it decided about anew, from its bytes: its state is
`received` again, and the reading of its mailbox, or a worker's round, takes it up."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.mail.settling import Deed, require_open
from domain.mail.states import MailState
from domain.mail_matters.rules import MatterAbout
from models.mail import Mail, MailPart
from stores.mail.matters import end_matter, raise_matter

_GIVEN_UP_AFTER = 5
"""So often a mail is decided anew because its ticket has refused it."""

_CONTENT = (
    *("text", "quoted", "html", "subject", "sender_name", "sender_address", "headers", "recipients", "rules"),
    *("score_because", "cut", "tried"),
)


async def accept(
    session: AsyncSession, mail: Mail, by: UUID, *, ticket_id: UUID | None = None, add_participant: bool = False
) -> None:
    """Lets a mail in whoever it is from: into `ticket_id`, else where it would have gone from a proven sender. Whoever
    sent it takes part in that ticket from now on with `add_participant`. Raises Refusal `mail_settled`."""
    wish = {"accepted_by": str(by), "ticket_id": str(ticket_id) if ticket_id else None, "add": add_participant}
    await _anew(session, mail, Deed.ACCEPT, {**(mail.wish or {}), **wish})


async def not_spam(session: AsyncSession, mail: Mail, by: UUID) -> None:
    """Has a mail go where it would have gone if nothing had spoken against it. Raises Refusal `mail_settled`."""
    await _anew(session, mail, Deed.NOT_SPAM, {**(mail.wish or {}), "not_spam_by": str(by)})


async def reprocess(session: AsyncSession, mail: Mail) -> None:
    """Reads a mail once more, and decides about it by today's rules. Raises Refusal `mail_settled`."""
    await _anew(session, mail, Deed.REPROCESS, mail.wish)


async def spam(session: AsyncSession, mail: Mail, now: datetime) -> None:
    """Says that a mail is spam. Raises Refusal `mail_settled`."""
    require_open(Deed.SPAM, mail.state)
    await _leaves(session, mail, now)
    mail.state, mail.held_for, mail.why, mail.settled_at = MailState.SPAM, None, "person", now
    await session.flush()


async def delete(session: AsyncSession, mail: Mail, now: datetime) -> str | None:
    """Takes the content of a mail away, its message on a ticket apart; the keys stay, so that it does not come again.
    Returns the key of its bytes, which the caller removes after the commit. Raises Refusal `mail_settled`."""
    require_open(Deed.DELETE, mail.state)
    await _leaves(session, mail, now)
    raw_key, mail.raw_key = mail.raw_key, None
    mail.state, mail.held_for = MailState.DELETED, None
    for name in _CONTENT:
        setattr(mail, name, None)
    await session.execute(sa.delete(MailPart).where(col(MailPart.mail_id) == mail.id))
    await session.flush()
    return raw_key


def regards(mail: Mail) -> str:
    """What the task of a held mail regards: those of one sender, for one reason, share one."""
    return f"{mail.held_for}/{mail.sender_address or mail.id}"


async def _anew(session: AsyncSession, mail: Mail, deed: Deed, wish: dict[str, Any] | None) -> None:
    require_open(deed, mail.state)
    await _leaves(session, mail, mail.received_at)
    mail.wish = wish
    mail.state, mail.held_for, mail.why, mail.settled_at = MailState.RECEIVED, None, None, None
    mail.reprocessed += 1
    await session.flush()


async def _leaves(session: AsyncSession, mail: Mail, now: datetime) -> None:
    """When the last of those that wait together is seen to, so is their task."""
    if mail.state is MailState.FAILED:
        await end_matter(session, mail.tenant_id, MatterAbout.FAILED, str(mail.id), now)
    if mail.state is not MailState.HELD:
        return
    others = sa.select(col(Mail.id)).where(
        col(Mail.sender_address) == mail.sender_address,
        col(Mail.state) == MailState.HELD,
        col(Mail.held_for) == mail.held_for,
        col(Mail.id) != mail.id,
    )
    if mail.sender_address is None or await session.scalar(others.limit(1)) is None:
        await end_matter(session, mail.tenant_id, MatterAbout.HELD, regards(mail), now)


async def take_back(session: AsyncSession, tenant_id: UUID, command_id: UUID, code: str) -> None:
    """The ticket has refused what came by mail: it is decided about anew, in the transaction that writes the refusal. A
    command that no mail has left changes nothing."""
    taken_back = await session.execute(
        sa.update(Mail)
        .where(
            col(Mail.tenant_id) == tenant_id,
            col(Mail.command_id) == command_id,
            col(Mail.state).in_([MailState.OPENED, MailState.JOINED, MailState.AUTOMATIC]),
        )
        .values(
            state=sa.case((col(Mail.reprocessed) < _GIVEN_UP_AFTER, MailState.RECEIVED), else_=MailState.FAILED),
            why=code[:60],
            reprocessed=col(Mail.reprocessed) + 1,
            settled_at=None,
            ticket_id=None,
            ticket_message_id=None,
        )
        .returning(col(Mail.id), col(Mail.state))
        .execution_options(synchronize_session=False)
    )
    for mail_id, state in taken_back:
        if state is MailState.FAILED:
            await raise_matter(session, tenant_id, MatterAbout.FAILED, str(mail_id), datetime.now(UTC), mail_id=mail_id)
