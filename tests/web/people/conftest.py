"""The pages and the API in one process on a real database, without Temporal: these tests need none."""

import itertools
from collections.abc import AsyncIterator, Callable

import pytest

from models.database import Database
from tests.api.house import Company, House, opened
from tests.web.people.browser import Browser
from web.app import create_app

_browsers = itertools.count(1)

NewBrowser = Callable[[], Browser]


@pytest.fixture(scope="session")
async def house(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with opened(database, tmp_path_factory.mktemp("home"), create_app) as house:
        yield house


@pytest.fixture(scope="module")
async def company(house: House) -> Company:
    """A tenant of this module's own."""
    return await house.tenant()


@pytest.fixture
def browser(house: House) -> NewBrowser:
    """Makes browsers, each at an address of its own."""

    def make() -> Browser:
        return Browser(house._app, f"10.9.0.{next(_browsers)}")

    return make
