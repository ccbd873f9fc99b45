"""Takes people from outside into a ticket: those whom its requester copies, and whom staff let in."""

from collections.abc import Collection, Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from uuid_utils.compat import uuid7

from domain.mail.words import one_line, without_tag
from models.mail import Mail, TicketParticipant
from models.people import Account, Membership
from stores.tickets.participants import MOST_PARTICIPANTS, outsiders

_MOST_LOOKED_AT = 50


async def take_in_outsiders(
    session: AsyncSession,
    mail: Mail,
    ticket_id: UUID,
    named: Mapping[str, str],
    added_by: UUID | None,
    *,
    own: Collection[str] = (),
    customer_id: UUID | None = None,
) -> list[UUID]:
    """Has those who are `named` by their addresses take part, as far as there is room, and returns the ids of their
    rows: not the tenant's `own` mailboxes and people, nor those of the ticket's customer, who see it anyway. Whoever
    was removed before stays away."""
    wanted = [
        address
        for address in named
        if without_tag(address) not in own and address not in own and 3 <= len(address) <= 254 and "@" in address
    ][:_MOST_LOOKED_AT]
    if not wanted:
        return []
    theirs = sa.select(col(Account.email)).join(Membership, col(Membership.account_id) == col(Account.id))
    at_home = set(
        await session.scalars(
            theirs.where(
                col(Account.email).in_(wanted),
                col(Membership.tenant_id) == mail.tenant_id,
                col(Membership.customer_id).is_(None) | (col(Membership.customer_id) == customer_id),
            )
        )
    )
    room = MOST_PARTICIPANTS - len(await outsiders(session, ticket_id))
    taken: list[UUID] = []
    for address in wanted:
        if address in at_home or len(taken) >= room:
            continue
        row = await session.scalar(
            insert(TicketParticipant)
            .values(
                id=uuid7(),
                tenant_id=mail.tenant_id,
                ticket_id=ticket_id,
                address=address,
                name=one_line(named[address], 200),
                added_by=added_by,
                mail_id=mail.id,
            )
            .on_conflict_do_nothing(index_elements=["ticket_id", "address"])
            .returning(col(TicketParticipant.id))
        )
        taken += [row] if row else []
    return taken
