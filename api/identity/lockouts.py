"""Keeps strangers from guessing passwords: after some failures in a row logging in is closed for a while, for the
e-mail address that was tried and for the client's address (OWASP Authentication Cheat Sheet, "Account Lockout").

A guess is counted before the password is compared, so that sending many at once gains nothing over sending them in a
row. An address without an account is locked too, so the lock does not tell whether there is one.
"""

import hashlib
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.client_address import Device
from models.sessions import Lockout
from runtime.settings import Settings


def email_digest(email: str) -> str:
    """The digest under which the failures of an e-mail address are counted: it may belong to somebody who is not
    here."""
    return hashlib.sha256(email.encode()).hexdigest()


async def may_guess(session: AsyncSession, settings: Settings, email: str, device: Device) -> bool:
    """Counts a guess against the account as if it were wrong; `forgive` takes that back. Returns False, and counts
    nothing, while logging in is closed for this e-mail address or from this device. Failures older than a lock lasts
    are forgotten."""
    failures = await session.scalar(
        sa.select(col(Lockout.failures)).where(col(Lockout.subject) == _address(device), _recent(settings))
    )
    if (failures or 0) >= settings.lockout_failures_per_address:
        return False
    return await _count(session, settings, _account(email), settings.lockout_failures)


async def blame_address(session: AsyncSession, settings: Settings, device: Device) -> None:
    """Counts a wrong guess against the client's address."""
    await _count(session, settings, _address(device), settings.lockout_failures_per_address)


async def forgive(session: AsyncSession, email: str) -> None:
    """Forgets the failures of an account after a right password. Those of the client's address stay: otherwise anybody
    with one account could go on guessing the passwords of others."""
    await session.execute(sa.delete(Lockout).where(col(Lockout.subject) == _account(email)))


def _account(email: str) -> str:
    return f"account:{email_digest(email)}"


def _address(device: Device) -> str:
    return f"address:{device.neighbourhood}"


def _recent(settings: Settings) -> sa.ColumnElement[bool]:
    return col(Lockout.last_at) > sa.func.now() - timedelta(minutes=settings.lockout_minutes)


async def _count(session: AsyncSession, settings: Settings, subject: str, limit: int) -> bool:
    recent = _recent(settings)
    statement = (
        insert(Lockout)
        .values(subject=subject, failures=1, last_at=sa.func.now())
        .on_conflict_do_update(
            index_elements=["subject"],
            set_={
                "failures": sa.case((recent, col(Lockout.failures) + 1), else_=1),
                "last_at": sa.func.now(),
            },
            where=~recent | (col(Lockout.failures) < limit),
        )
        .returning(col(Lockout.failures))
    )
    return await session.scalar(statement) is not None
