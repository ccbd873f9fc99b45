"""How often one client address, or one person, may ask: a token bucket for each and for each kind, in Postgres so that
every process counts together."""

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.client_address import DeviceDep
from api.http.problems import Problem
from api.http.services import Services, services
from api.identity.callers import SignedIn
from models.round_trips import Statement
from runtime.settings import Settings


@dataclass(frozen=True)
class Rate:
    """So many at once, and as many again in each period."""

    name: str
    capacity: Callable[[Settings], int]
    seconds: int


LOGIN = Rate("login", lambda settings: settings.login_per_minute, 60)
REGISTER = Rate("register", lambda settings: settings.register_per_hour, 3600)
RESET = Rate("reset", lambda settings: settings.reset_per_quarter_hour, 900)
PUBLIC_QUOTE = Rate("public_quote", lambda settings: settings.public_quote_per_minute, 60)
PUBLIC_CATALOGUE = Rate("public_catalogue", lambda settings: settings.public_catalogue_per_minute, 60)
PUBLIC_BOOKING = Rate("public_booking", lambda settings: settings.public_booking_per_minute, 60)
GUEST_BOOKING = Rate("guest_booking", lambda settings: settings.guest_booking_per_hour, 3600)
RESEND = Rate("resend", lambda settings: settings.reset_per_quarter_hour, 900)
# For each person.
REFRESH = Rate("refresh", lambda settings: settings.refresh_per_minute, 60)
NEW_PASSWORD = Rate("new_password", lambda settings: settings.new_password_per_hour, 3600)
UPLOAD = Rate("upload", lambda settings: settings.upload_per_minute, 60)
OPEN_CASE = Rate("open_case", lambda settings: settings.open_case_per_minute, 60)

_FILLED = """least(%(capacity)s, b.tokens +
    extract(epoch FROM greatest(clock_timestamp() - b.filled_at, interval '0')) * %(capacity)s / %(seconds)s)"""

# Filled and taken from in one statement: of two requests for the last token one gets it.
_TAKE = f"""
    INSERT INTO rate_bucket AS b (key, tokens, filled_at) VALUES (%(key)s, %(capacity)s - 1, clock_timestamp())
    ON CONFLICT (key) DO UPDATE SET tokens = {_FILLED} - 1, filled_at = clock_timestamp() WHERE {_FILLED} >= 1
    RETURNING tokens
"""  # noqa: S608  no value of a request is in the text
_MISSING = f"SELECT 1 - {_FILLED} AS tokens FROM rate_bucket b WHERE key = %(key)s"  # noqa: S608


LookUp = Callable[[Statement], Awaitable[Any | None]]
"""Finds the only row of a statement, or None."""


async def take(look_up: LookUp, key: str, capacity: int, seconds: int) -> int:
    """Takes one token of the bucket. Returns 0, or after how many seconds there will be one when there is none."""
    bucket = {"key": key, "capacity": float(capacity), "seconds": float(seconds)}
    if await look_up((_TAKE, bucket)) is not None:
        return 0
    missing = await look_up((_MISSING, bucket))
    return max(1, math.ceil(float(missing.tokens if missing else 0) * seconds / capacity))


def limited(rate: Rate) -> Callable[..., Awaitable[None]]:
    """A dependency that answers 429 `rate_limited` to an address that asks too often."""

    async def admitted(device: DeviceDep, service: Annotated[Services, Depends(services)]) -> None:
        await _admit(service.settings, rate, device.neighbourhood, service.database.look_up)

    return admitted


def limited_for_each(rate: Rate) -> Callable[..., Awaitable[None]]:
    """A dependency that answers 429 `rate_limited` to a person who asks too often, from wherever it is."""

    async def admitted(caller: SignedIn, service: Annotated[Services, Depends(services)]) -> None:
        await admit(service, rate, caller.account_id)

    return admitted


async def admit(service: Services, rate: Rate, account_id: UUID) -> None:
    """Raises 429 `rate_limited` when an account has asked too often."""
    await _admit(service.settings, rate, str(account_id), service.database.look_up)


async def admit_in(session: AsyncSession, settings: Settings, rate: Rate, account_id: UUID) -> None:
    """As `admit`, in a transaction that knows whether this counts. What it had done before 429 is to be undone."""

    async def look_up(statement: Statement) -> Any | None:
        connection = await session.connection()
        return (await connection.exec_driver_sql(*statement)).first()

    await _admit(settings, rate, str(account_id), look_up)


async def _admit(settings: Settings, rate: Rate, subject: str, look_up: LookUp) -> None:
    wait = await take(look_up, f"{rate.name}:{subject}", rate.capacity(settings), rate.seconds)
    if wait:
        raise Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            "rate_limited",
            f"Too many requests: please try again in {wait} seconds.",
            headers={"Retry-After": str(wait)},
        )


OPENING = [Depends(limited_for_each(OPEN_CASE))]
"""What the routes that open a case depend on."""
