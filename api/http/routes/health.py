"""Whether the process lives, and whether it can serve."""

from typing import Annotated

import sqlalchemy as sa
from fastapi import APIRouter, Depends, Response
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from api.http.services import Services, services

router = APIRouter(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Postgres does not answer."}})
async def readyz(response: Response, service: Annotated[Services, Depends(services)]) -> dict[str, str]:
    """The API can read and write. Temporal is not asked: without it commands are taken and answered with 202."""
    try:
        async with service.database.transaction() as session:
            await session.execute(sa.text("SELECT 1"))
    except (DBAPIError, PoolTimeout):
        response.status_code = 503
        return {"status": "unavailable", "postgres": "away"}
    return {"status": "ok", "postgres": "ok"}
