"""The pages and the API in one process on a real database, without Temporal: these tests need none."""

import itertools
from collections.abc import AsyncIterator, Callable

import httpx2
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
        headers = {"X-Forwarded-For": f"10.9.0.{next(_browsers)}"}
        transport = httpx2.ASGITransport(house._app)
        return Browser(httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers))

    return make
