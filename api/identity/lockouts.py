"""Keeps strangers from guessing passwords: after some failures in a row logging in is closed for a while, for the
e-mail address that was tried and for the client's address (OWASP Authentication Cheat Sheet, "Account Lockout").

A guess is counted before it is looked at, so that many at once are no more than as many in a row. An address without an
account is locked like one with, so the lock tells nothing about who is here.
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
    """How an e-mail address that may be nobody's is kept."""
    return hashlib.sha256(email.encode()).hexdigest()


async def may_guess(session: AsyncSession, settings: Settings, email: str, device: Device) -> bool:
    """Counts a guess against the account as if it were wrong, until `forgive`; False, and not counted, while logging in
    is closed for this e-mail address or from this device. What lies longer back than a lock lasts is forgotten."""
    failures = await session.scalar(
        sa.select(col(Lockout.failures)).where(col(Lockout.subject) == _address(device), _recent(settings))
    )
    if (failures or 0) >= settings.lockout_failures_per_address:
        return False
    return await _count(session, settings, _account(email), settings.lockout_failures)


async def blame_address(session: AsyncSession, settings: Settings, device: Device) -> None:
    """Counts a guess that was wrong against the client's address."""
    await _count(session, settings, _address(device), settings.lockout_failures_per_address)


async def forgive(session: AsyncSession, email: str) -> None:
    """Forgets the failures of an account whose owner has shown to be it. Those of the client's address stay: otherwise
    who has one account could try every other."""
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
