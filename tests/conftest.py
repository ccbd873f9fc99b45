"""Fixtures that several folders of tests share: the running stack with its people, and a real database."""

from collections.abc import AsyncIterator, Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from models.database import Database
from ops.embedded.postgres import Postgres, running
from ops.migrate import upgrade
from tests.stack.databases import Copies
from tests.stack.hashing import hash_quickly
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

ON_THE_STACK = "tests/e2e/"

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("casewright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("casewright")
hash_quickly()


class StackTogether(LoadScopeScheduling):
    """Spreads tests one by one, but the end-to-end tests all go to one process: they share one running stack.

    `--dist loadgroup` would do it, were it not broken with pytest 9.2 (pytest-xdist issue 1386).
    """

    def _split_scope(self, nodeid: str) -> str:
        return ON_THE_STACK if nodeid.startswith(ON_THE_STACK) else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> StackTogether:
    """Asked by pytest-xdist when it runs."""
    return StackTogether(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Asked by pytest when it begins."""
    parser.addoption("--shuffle", metavar="SEED", help="run the files, and the tests in each, in this seed's order")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Asked by pytest when it has collected. Files stay whole, so that what a module shares is made once."""
    if seed := config.getoption("shuffle"):
        order = Random(seed)
        places = {path: order.random() for path in dict.fromkeys(item.path for item in items)}
        items.sort(key=lambda item: (places[item.path], order.random()))


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """Casewright as `make up` runs it, which may call receivers on this machine. At the end SIGTERM must leave no
    process."""
    stack = RunningStack(tmp_path_factory.mktemp("stack"), CASEWRIGHT_WEBHOOK_PRIVATE_ADDRESSES="true")
    try:
        await stack.start()
        yield stack
        left = await stack.stop()
        assert not left, f"still there after SIGTERM: {left}"
    finally:
        stack.remove()


@pytest.fixture(scope="session")
async def people(stack: RunningStack) -> AsyncIterator[People]:
    """The demo people, who log in once."""
    people = People(stack.address)
    yield people
    await people.close()


@pytest.fixture(scope="session")
def postgres_with_copies(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Postgres, Copies]]:
    """A real Postgres with today's schema, and what makes further databases on it.

    Each test process has its own server: it is ready in two seconds, and nobody waits for another's.
    """
    with running(tmp_path_factory.mktemp("postgres")) as postgres:
        upgrade(postgres.owner_url)
        yield postgres, Copies(postgres)


@pytest.fixture(scope="session")
def migrated_postgres(postgres_with_copies: tuple[Postgres, Copies]) -> Postgres:
    """A real Postgres with today's schema."""
    return postgres_with_copies[0]


@pytest.fixture(scope="session")
def copies(postgres_with_copies: tuple[Postgres, Copies]) -> Copies:
    """Makes databases for those who do not share one."""
    return postgres_with_copies[1]


@pytest.fixture(scope="session")
async def database(migrated_postgres: Postgres) -> AsyncIterator[Database]:
    """Its database as the app's role sees it. Tests share it without cleaning up: each makes a tenant of its own."""
    database = Database(migrated_postgres.app_url, pool_size=8)
    yield database
    await database.close()
