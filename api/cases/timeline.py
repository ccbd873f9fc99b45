"""The timeline of any case, as its readers may see it."""

from collections.abc import Collection
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from api.http.payloads import ActorView, EventView
from models.cases import EventRow


async def timeline(session: AsyncSession, case_id: UUID, *, hidden: Collection[str] = ()) -> list[EventView]:
    """The events of a case, oldest first, without the `hidden` kinds."""
    events = await session.scalars(
        sa.select(EventRow)
        .where(col(EventRow.case_id) == case_id, col(EventRow.kind).not_in(hidden))
        .order_by(col(EventRow.version))
    )
    return [
        EventView(
            version=event.version,
            kind=event.kind,
            actor=ActorView(kind=event.actor_kind, id=event.actor_id),
            at=event.at,
            changes=event.changes,
            reason=event.reason,
            correlation_id=event.correlation_id,
        )
        for event in events
    ]
