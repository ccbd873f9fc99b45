"""Sessions that end, whoever ends them."""

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from domain.people.accounts import SessionEnd
from models.sessions import LoginSession


async def end_sessions(session: AsyncSession, why: SessionEnd, *which: sa.ColumnElement[bool]) -> int:
    """Ends the sessions that are open; their access tokens are refused from then on. Returns how many there were."""
    ended = await session.execute(
        sa.update(LoginSession)
        .where(col(LoginSession.ended_at).is_(None), *which)
        .values(ended_at=sa.func.now(), ended_by=why)
        .execution_options(synchronize_session=False)
    )
    return int(ended.rowcount)  # type: ignore[attr-defined]
