"""What the tests of the API stand on."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from ops.embedded.postgres import Postgres, running
from ops.migrate import upgrade
from tests.api.platform.house import House, house


@pytest.fixture(scope="session")
def api_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api")


@pytest.fixture(scope="session")
def api_postgres(api_home: Path) -> Iterator[Postgres]:
    """A Postgres with today's schema."""
    with running(api_home) as postgres:
        upgrade(postgres.owner_url)
        yield postgres


@pytest.fixture(scope="session")
async def in_house(api_home: Path, api_postgres: Postgres) -> AsyncIterator[House]:
    """The API in this process, shared by the tests: each looks only at what it did itself."""
    async with house(api_home, api_postgres) as opened:
        yield opened
