"""The app on a real database, without Temporal: these tests need none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.app import create_app
from models.database import Database
from tests.api import demo_house
from tests.api.house import Company, House, opened
from tests.stack.databases import Copies, Copy


@pytest.fixture(scope="session")
async def house(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with opened(database, tmp_path_factory.mktemp("home"), create_app) as house:
        yield house


@pytest.fixture(scope="module")
async def company(house: House) -> Company:
    """A tenant of this module's own."""
    return await house.tenant()


@pytest.fixture(scope="module")
async def other_company(house: House) -> Company:
    """Another tenant."""
    return await house.tenant()


@pytest.fixture(scope="session")
def api_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="session")
async def api_database(copies: Copies) -> Copy:
    """A database of the demo people."""
    return await copies.seeded("api")


@pytest.fixture(scope="session")
async def in_house(api_home: Path, api_database: Copy) -> AsyncIterator[demo_house.House]:
    """The API in this process, shared by the tests: each looks only at what it did itself."""
    async with demo_house.house(api_home, api_database) as opened:
        yield opened
