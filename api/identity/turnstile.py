"""Who logs in waits for others who log in, so that nobody else does."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends

from api.http.services import Services, services


async def turnstile(service: Annotated[Services, Depends(services)]) -> AsyncIterator[None]:
    """A dependency of the routes that hash passwords: waits for a place, and holds it until the answer is there."""
    async with service.hashing:
        yield
