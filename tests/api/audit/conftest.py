"""A chain to look at, and the superuser who may break it."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import psycopg
import pytest

from tests.api.audit.chains import a_tenant, add
from tests.api.demo_house import House


@pytest.fixture
async def chain(in_house: House) -> UUID:
    """A tenant whose audit has five entries."""
    tenant_id = await a_tenant(in_house)
    for number in range(1, 6):
        await add(in_house, tenant_id, f"thing.done_{number}")
    return tenant_id


@pytest.fixture
def superuser(in_house: House) -> Iterator[psycopg.Connection[Any]]:
    with in_house.superuser() as connection:
        yield connection
