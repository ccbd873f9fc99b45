"""Proof that an account belongs to the owner of its address: somebody has used a token that was mailed there.

Anybody can register an address that is not theirs. So whatever was set for an account before that proof is removed.
"""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.people.accounts import SessionEnd
from models.database import look_as
from models.people import Account, PasswordHistory
from models.sessions import LoginSession
from stores.sessions import end_sessions


async def empty_unproven(session: AsyncSession, account_id: UUID) -> None:
    """Takes every way in away from an account whose address was never proven; leaves any other as it is.

    It runs the same statements in both cases, so that its duration does not tell which it was. The transaction then
    also works for the account.
    """
    await look_as(session, account_id=account_id)
    emptied = (
        sa.update(Account)
        .where(col(Account.id) == account_id, col(Account.email_verified_at).is_(None))
        .values(password_hash=None)
        .returning(col(Account.id))
        .execution_options(synchronize_session=False)
    )
    whose = sa.literal(await session.scalar(emptied), sa.Uuid())
    await session.execute(
        sa.delete(PasswordHistory)
        .where(col(PasswordHistory.account_id) == whose)
        .execution_options(synchronize_session=False)
    )
    await end_sessions(session, SessionEnd.PASSWORD, col(LoginSession.account_id) == whose)


async def prove_address(session: AsyncSession, account_id: UUID) -> str:
    """Notes that the caller reads the account's mail; returns the address. The transaction must work for the
    account."""
    email = await session.scalar(
        sa.update(Account)
        .where(col(Account.id) == account_id)
        .values(email_verified_at=sa.func.coalesce(col(Account.email_verified_at), sa.func.now()))
        .returning(col(Account.email))
        .execution_options(synchronize_session=False)
    )
    return str(email)
