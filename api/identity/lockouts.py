"""Keeps strangers from guessing passwords: after some failures in a row logging in is closed for a while, for the
e-mail address that was tried and for the client's address (OWASP Authentication Cheat Sheet, "Account Lockout").

An address without an account is locked like one with, so the lock tells nothing about who is here.
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


async def is_locked(session: AsyncSession, settings: Settings, email: str, device: Device) -> bool:
    """Whether logging in is closed for this e-mail address or from this device."""
    standing = {row.subject: row.failures for row in await session.execute(_standing(settings, email, device))}
    return any(standing.get(subject, 0) >= limit for subject, limit in _limits(settings, email, device).items())


async def record_failure(session: AsyncSession, settings: Settings, email: str, device: Device) -> None:
    """Counts a failure. What lies longer back than a lock lasts is forgotten."""
    # Sorted, so that two requests which count the same two never wait for each other in a ring.
    for subject in sorted(_limits(settings, email, device)):
        statement = insert(Lockout).values(subject=subject, failures=1, last_at=sa.func.now())
        recent = col(Lockout.last_at) > sa.func.now() - timedelta(minutes=settings.lockout_minutes)
        await session.execute(
            statement.on_conflict_do_update(
                index_elements=["subject"],
                set_={
                    "failures": sa.case((recent, col(Lockout.failures) + 1), else_=1),
                    "last_at": sa.func.now(),
                },
            )
        )


async def forgive(session: AsyncSession, email: str) -> None:
    """Forgets the failures of an account whose owner has shown to be it. Those of the client's address stay: otherwise
    who has one account could try every other."""
    await session.execute(sa.delete(Lockout).where(col(Lockout.subject) == _account(email)))


def _account(email: str) -> str:
    return f"account:{email_digest(email)}"


def _limits(settings: Settings, email: str, device: Device) -> dict[str, int]:
    return {
        _account(email): settings.lockout_failures,
        f"address:{device.neighbourhood}": settings.lockout_failures_per_address,
    }


def _standing(settings: Settings, email: str, device: Device) -> sa.Select[str, int]:
    return sa.select(col(Lockout.subject), col(Lockout.failures)).where(
        col(Lockout.subject).in_(list(_limits(settings, email, device))),
        col(Lockout.last_at) > sa.func.now() - timedelta(minutes=settings.lockout_minutes),
    )
