"""Mail that somebody requests by typing an address. Neither the answer nor its duration tells whether the address has
an account."""

from collections.abc import Callable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.correlation import correlation_id
from api.http.services import Services
from domain.people.accounts import TokenPurpose
from models.database import look_as
from models.people import Account, Invitation, Membership
from stores.account_mail import stage_account_mail
from stores.accounts import find_or_make_account
from stores.tenants import TENANT_IDS

_MEMBER, _INVITED, _NOWHERE = 1, 2, 3


async def mail_to_address(
    service: Services, email: str, template: str, purpose: TokenPurpose, owed: Callable[[Account], bool]
) -> None:
    """Mails a token for the purpose to the address, if it has an account for which `owed` is true. An account that is
    only invited gets its invitation again.

    For any other address the same work is done for a temporary account, and rolled back.
    """
    async with service.database.transaction(login_email=email) as session:
        known = await session.scalar(sa.select(col(Account.id)).where(col(Account.email) == email))
        async with session.begin_nested() as writing:
            account = await find_or_make_account(session, email, email.partition("@")[0])
            await look_as(session, account_id=account.id)
            place, tenant_id = await _place(session, account.id)
            await look_as(session, tenant_id=tenant_id)
            mail = await stage_account_mail(
                session,
                tenant_id=tenant_id,
                account_id=account.id,
                template="invitation" if place == _INVITED else template,
                correlation_id=correlation_id(),
                purpose=TokenPurpose.INVITATION if place == _INVITED else purpose,
            )
            if known is None or place == _NOWHERE or not owed(account):
                await writing.rollback()
    # Also when there is nothing to send: otherwise the engine's load would show in the time of the next answers.
    service.courier.send_soon(mail)


async def _place(session: AsyncSession, account_id: UUID) -> tuple[int, UUID]:
    """The tenant in whose name the mail is written: the account's first, else the first that has invited it, else
    any."""
    places = sa.union_all(
        sa.select(sa.literal(_MEMBER).label("place"), col(Membership.tenant_id), col(Membership.created_at)).where(
            col(Membership.account_id) == account_id
        ),
        sa.select(sa.literal(_INVITED), col(Invitation.tenant_id), col(Invitation.created_at)).where(
            col(Invitation.account_id) == account_id, col(Invitation.accepted_at).is_(None)
        ),
        sa.select(sa.literal(_NOWHERE), TENANT_IDS, sa.func.now()),
    ).subquery()
    first = sa.select(places.c.place, places.c.tenant_id).order_by(places.c.place, places.c.created_at).limit(1)
    place, tenant_id = (await session.execute(first)).one()
    return int(place), tenant_id
