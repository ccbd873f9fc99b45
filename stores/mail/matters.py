"""Opens and ends the tasks that mail makes for staff."""

from datetime import datetime
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.cases import CaseKind
from domain.mail.flood import QUIET_AFTER
from domain.mail_matters.rules import MatterAbout, MatterStatus
from models.cases import CommandRow
from models.mail_matters import MailMatter

MATTERS = UUID("5b1f7a0e-6d0e-4b0c-8f27-1f6a8f0c7e52")
"""The namespace of the ids of the commands that open and end matters."""


async def raise_matter(
    session: AsyncSession,
    tenant_id: UUID,
    about: MatterAbout,
    regards: str,
    now: datetime,
    *,
    mail_id: UUID | None = None,
    ticket_id: UUID | None = None,
) -> CommandRow | None:
    """Asks staff to look at something: a task that opens with the command returned, which the caller's transaction
    writes. None while one is open about the same that regards the same, such as an address.

    An open one that nobody has added to for an hour has become quiet: what comes then is a new matter, and the old one
    is left to whoever has its task.
    """
    open_one = await session.scalar(_open(about, regards).with_for_update())
    if open_one and open_one.last_at > now - QUIET_AFTER:
        open_one.last_at = now
        return None
    if open_one:
        # The new one takes its place: what it regards is told apart from now on.
        open_one.regards = f"{regards}/{open_one.id}"[:400]
        await session.flush()
    matter = MailMatter(
        id=uuid7(),
        tenant_id=tenant_id,
        about=about,
        regards=regards,
        mail_id=mail_id,
        ticket_id=ticket_id,
        last_at=now,
    )
    session.add(matter)
    command = _command(tenant_id, matter.id, "open", mail_id or matter.id, now, about=about.value)
    session.add(command)
    await session.flush()
    return command


async def end_matter(session: AsyncSession, tenant_id: UUID, about: MatterAbout, regards: str, now: datetime) -> None:
    """Nothing is left to look at: the task goes. The sweep carries the command."""
    if open_one := await session.scalar(_open(about, regards)):
        session.add(_command(tenant_id, open_one.id, "give_up", open_one.id, now))
        await session.flush()


def _open(about: MatterAbout, regards: str) -> sa.Select[MailMatter]:
    return sa.select(MailMatter).where(
        col(MailMatter.about) == about,
        col(MailMatter.regards) == regards,
        col(MailMatter.status) == MatterStatus.OPEN,
    )


def _command(
    tenant_id: UUID, matter_id: UUID, update: str, asked_by: UUID, now: datetime, **arguments: str
) -> CommandRow:
    return CommandRow(
        tenant_id=tenant_id,
        id=uuid5(MATTERS, f"{matter_id}/{update}"),
        case_kind=CaseKind.MAIL_MATTER,
        case_id=matter_id,
        kind=f"{CaseKind.MAIL_MATTER}.{update}",
        arguments=arguments,
        actor_id=None,
        # Nobody has asked but the mail.
        asked_by=asked_by,
        correlation_id=str(asked_by),
        fingerprint="",
        created_at=now,
    )
