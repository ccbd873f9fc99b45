"""Limits how many requests hash passwords at once, so that a rush of logins does not slow down others."""

from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import Depends

from api.http.services import Services, services


async def turnstile(service: Annotated[Services, Depends(services)]) -> AsyncIterator[None]:
    """A dependency of the routes that hash passwords: waits for a free place, and keeps it until the request is
    answered."""
    async with service.hashing:
        yield
