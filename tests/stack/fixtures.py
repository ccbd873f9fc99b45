"""What several folders of tests share: the running stack with its people, and a real database."""

from collections.abc import AsyncIterator, Iterator

import pytest
from hypothesis import HealthCheck, settings

from models.database import Database
from ops.embedded.postgres import Postgres, running
from ops.migrate import upgrade
from tests.stack.belongings import Belongings, belongings
from tests.stack.databases import Copies
from tests.stack.hashing import hash_quickly
from tests.stack.people import People
from tests.stack.places import STACKS, place_of
from tests.stack.running_stack import RunningStack

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("casewright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("casewright")
hash_quickly()

_shared_stacks: list[RunningStack] = []


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Asked by pytest after each test. A stack that nobody asks anything still takes a twentieth of a core."""
    if nextitem is None or place_of(nextitem.nodeid) not in STACKS:
        for stack in _shared_stacks:
            stack.ask_to_stop()


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """Casewright as `make up` runs it, which may call receivers on this machine. At the end SIGTERM must leave no
    process."""
    stack = RunningStack(tmp_path_factory.mktemp("stack"), CASEWRIGHT_ALLOW_PRIVATE_HOSTS="true")
    try:
        await stack.start()
        _shared_stacks.append(stack)
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
async def acme(people: People) -> Belongings:
    """What a customer has."""
    return await belongings(people, "client", "acme")


@pytest.fixture(scope="session")
async def other_customer_of_acme(people: People) -> Belongings:
    """What another customer of the same company has."""
    return await belongings(people, "client2", "acme")


@pytest.fixture(scope="session")
async def globex(people: People) -> Belongings:
    """What a customer of another company has."""
    return await belongings(people, "client", "globex")


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
