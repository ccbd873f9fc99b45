"""Whether the process lives, and whether it can serve."""

from typing import Annotated

from fastapi import Depends, Response

from api.http.routing import Router
from api.http.services import Services, services

router = Router(tags=["health"])


@router.get("/healthz")
async def healthz() -> dict[str, str]:
    """The process answers."""
    return {"status": "ok"}


@router.get("/readyz", responses={503: {"description": "Postgres does not answer."}})
async def readyz(response: Response, service: Annotated[Services, Depends(services)]) -> dict[str, str]:
    """The API can read and write. Temporal is not asked: without it commands are taken and answered with 202."""
    if await service.database.answers():
        return {"status": "ok", "postgres": "ok"}
    response.status_code = 503
    return {"status": "unavailable", "postgres": "away"}
