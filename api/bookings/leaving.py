"""What becomes of somebody in the team who is none of the staff any more."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from models.services import TeamMember


async def take_off_the_team(session: AsyncSession, tenant_id: UUID, account_id: UUID) -> None:
    """Nobody books them any more; what is booked stays with them until somebody moves it."""
    mine = (col(TeamMember.tenant_id) == tenant_id) & (col(TeamMember.account_id) == account_id)
    await session.execute(sa.update(TeamMember).where(mine).values(active=False, updated_at=sa.func.now()))
