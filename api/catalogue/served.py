"""Tells orders that what they waited for has come."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.http.correlation import correlation_id
from api.http.services import Services
from api.identity.callers import Caller
from domain.cases import CaseKind
from models.cases import CommandRow

_AT_ONCE = 10


def tell_served(session: AsyncSession, caller: Caller, order_ids: Sequence[UUID]) -> list[CommandRow]:
    """Leaves each order a command in the caller's transaction."""
    commands = [
        CommandRow(
            tenant_id=caller.tenant_id,
            id=uuid7(),
            case_kind=CaseKind.ORDER,
            case_id=order_id,
            kind=f"{CaseKind.ORDER}.stock_arrived",
            arguments={},
            actor_id=caller.account_id,
            correlation_id=correlation_id(),
            fingerprint="",
            created_at=datetime.now(UTC),
        )
        for order_id in order_ids
    ]
    session.add_all(commands)
    return commands


async def carry(service: Services, commands: Sequence[CommandRow]) -> None:
    """Carries the first of what was left, once it is committed; the sweep has the rest, and what is not answered."""
    await asyncio.gather(*(service.dispatcher.dispatch(command) for command in commands[:_AT_ONCE]))
