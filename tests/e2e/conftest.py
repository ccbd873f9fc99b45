"""The people of the end-to-end tests."""

import httpx2
import pytest

from tests.stack.people import People


@pytest.fixture
async def customer(people: People) -> httpx2.AsyncClient:
    """A customer of globex."""
    return await people.log_in("client@globex.example")


@pytest.fixture
async def other_customer(people: People) -> httpx2.AsyncClient:
    """Somebody who speaks for another customer of globex."""
    return await people.log_in("client2@globex.example")


@pytest.fixture
async def agent(people: People) -> httpx2.AsyncClient:
    """One of globex's staff who work on tickets."""
    return await people.log_in("agent@globex.example")


@pytest.fixture
async def foreign_agent(people: People) -> httpx2.AsyncClient:
    """An agent of another tenant."""
    return await people.log_in("agent@acme.example")


@pytest.fixture
async def foreign_customer(people: People) -> httpx2.AsyncClient:
    """A customer of another tenant."""
    return await people.log_in("client@acme.example")
