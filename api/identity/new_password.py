"""Setting a password: the same rules wherever it is set."""

from http import HTTPStatus
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.client_address import Device
from api.http.problems import Problem
from api.http.services import Services
from api.identity.hashes import verify_password
from api.identity.lockouts import blame_address, forgive, may_guess
from domain.people.accounts import TokenPurpose
from domain.people.password_policy import REMEMBERED, Failing, failings
from models.database import Database, look_as
from models.people import Account, PasswordHistory
from stores.account_mail import void_tokens


def require_good(password: str, field: str = "password") -> None:
    """Raises 422 `password_weak` with everything that the password lacks."""
    if lacking := failings(password):
        raise _refusal("password_weak", field, *lacking)


async def require_new(database: Database, account_id: UUID, password: str, field: str = "password") -> None:
    """Raises 422 `password_reused` for one of the account's last passwords."""
    async with database.transaction(account_id=account_id) as session:
        current = await session.scalar(sa.select(col(Account.password_hash)).where(col(Account.id) == account_id))
        earlier = await session.scalars(
            sa.select(col(PasswordHistory.password_hash))
            .where(col(PasswordHistory.account_id) == account_id)
            .order_by(col(PasswordHistory.id).desc())
        )
        hashes = list(dict.fromkeys([current, *earlier] if current else earlier))[:REMEMBERED]
    for stored in hashes:
        if (await verify_password(password, stored))[0]:
            raise _refusal("password_reused", field, Failing.REUSED)


async def shows_password(service: Services, account: Account, password: str, device: Device) -> bool:
    """Whether this is the account's password. A guess counts here as it does at logging in."""
    async with service.database.transaction() as session:
        if not await may_guess(session, service.settings, account.email, device):
            return False
    right, _ = await verify_password(password, account.password_hash)
    async with service.database.transaction() as session:
        if right:
            await forgive(session, account.email)
        else:
            await blame_address(session, service.settings, device)
    return right


async def set_password(
    session: AsyncSession, account_id: UUID, password_hash: str, *, instead_of: str | None = None
) -> bool:
    """Gives the account a password and voids every mailed token that could reset it.

    With `instead_of`, only while that is still the account's hash; returns whether the password was set.
    """
    await look_as(session, account_id=account_id)
    statement = sa.update(Account).where(col(Account.id) == account_id).values(password_hash=password_hash)
    if instead_of is not None:
        statement = statement.where(col(Account.password_hash) == instead_of)
    changed = await session.execute(statement.execution_options(synchronize_session=False))
    if not changed.rowcount:  # type: ignore[attr-defined]
        return False
    await remember_password(session, account_id, password_hash)
    await void_tokens(session, account_id, TokenPurpose.RESET_PASSWORD)
    return True


async def remember_password(session: AsyncSession, account_id: UUID, password_hash: str) -> None:
    """Keeps the hash among the last ones. The transaction is the account's own."""
    session.add(PasswordHistory(account_id=account_id, password_hash=password_hash))
    await session.flush()
    kept = (
        sa.select(col(PasswordHistory.id))
        .where(col(PasswordHistory.account_id) == account_id)
        .order_by(col(PasswordHistory.id).desc())
        .limit(REMEMBERED)
    )
    await session.execute(
        sa.delete(PasswordHistory)
        .where(col(PasswordHistory.account_id) == account_id, col(PasswordHistory.id).not_in(kept))
        .execution_options(synchronize_session=False)
    )


def _refusal(code: str, field: str, *lacking: Failing) -> Problem:
    errors = [{"field": field, "code": failing.value, "detail": failing.sentence} for failing in lacking]
    sentence = " ".join(failing.sentence for failing in lacking)
    return Problem(HTTPStatus.UNPROCESSABLE_ENTITY, code, sentence, errors=errors)
