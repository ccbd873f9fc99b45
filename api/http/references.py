"""What the fields of a body name by its id."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from api.http.problems import field_error


async def require_there(session: AsyncSession, tenant_id: UUID, model: Any, identity: UUID | None, field: str) -> None:
    """Raises Problem 422 `unknown` by the field when the tenant has no row of the model with this id; no id names
    nothing."""
    if identity is None:
        return
    found = await session.scalar(sa.select(model.id).where(model.tenant_id == tenant_id, model.id == identity))
    if found is None:
        raise field_error(field, "unknown", "There is nothing with this id.")
