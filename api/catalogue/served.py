"""Tells orders that what they waited for has come."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from uuid_utils.compat import uuid7

from api.http.correlation import correlation_id
from api.identity.callers import Caller
from domain.cases import CaseKind, CommandStatus
from models.cases import CommandRow


def tell_served(session: AsyncSession, caller: Caller, order_ids: Sequence[UUID]) -> None:
    """Leaves each order a command in the caller's transaction; the sweep delivers it."""
    for order_id in order_ids:
        kind = CaseKind("order")
        session.add(
            CommandRow(
                tenant_id=caller.tenant_id,
                id=uuid7(),
                case_kind=kind,
                case_id=order_id,
                kind=f"{kind}.stock_arrived",
                arguments={},
                actor_id=caller.account_id,
                correlation_id=correlation_id(),
                fingerprint="",
                status=CommandStatus.PENDING,
                created_at=datetime.now(UTC),
            )
        )
