"""Whom the end-to-end tests play, and that all of them share one running stack."""

from pathlib import Path

import httpx2
import pytest

from tests.stack.people import People

HERE = Path(__file__).parent


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps these tests together under pytest-xdist (`--dist loadgroup`), so that the stack is started once."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.xdist_group("stack"))


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
