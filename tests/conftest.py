"""Fixtures that several folders of tests share: the running stack with its people, and a real database."""

import gc
from collections.abc import AsyncIterator, Iterator
from random import Random

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

import tests.stack.line_counts  # noqa: F401
from models.database import Database
from ops.embedded.postgres import Postgres, running
from ops.migrate import upgrade
from tests.stack.belongings import Belongings, belongings
from tests.stack.databases import Copies
from tests.stack.hashing import hash_quickly
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

PLACES = {
    "tests/ops/test_demo.py": "the stack",
    "tests/ops/test_bench.py": "the stack",
    "tests/ops/test_alerts.py": "the stack",
    "tests/ops/test_fast_forward.py": "the stack",
    "tests/e2e/test_rolling_out.py": "a stack of its own",
    "tests/e2e/": "the stack",
    "tests/web/": "the stack of the pages",
    "tests/browser/": "the stack of the pages",
    "tests/workflows/parts/": None,
    "tests/workflows/": "the engine that skips time",
    "tests/rollouts/": "the real engine",
}
"""Where tests are that share what takes seconds to start: the first beginning counts. Any other file is a place."""

STACKS = ("the stack", "the stack of the pages")
ORDER = (*STACKS, "the engine that skips time", "the real engine", "a stack of its own")
"""The longest first, so that none is begun when the rest is done; nobody needs a shared stack after them."""

LONG_FILES = "tests/workflows/parts/"
"""Of the other files these take longest: they wait for engines of their own."""

# What is imported and collected from here on stays: looking through it for garbage takes a quarter of that time.
gc.disable()

# How long an example takes says how busy the machine is, not whether the code is right.
settings.register_profile("casewright", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("casewright")
hash_quickly()


class PlaceTogether(LoadScopeScheduling):
    """Gives each place to one process: nothing is started twice."""

    def _split_scope(self, nodeid: str) -> str:
        return place_of(nodeid)


def place_of(nodeid: str) -> str:
    """The place that a test is in."""
    file = nodeid.partition("::")[0]
    return next((place for beginning, place in PLACES.items() if file.startswith(beginning)), None) or file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> PlaceTogether:
    """Asked by pytest-xdist when it runs. The order is the one in which tests were collected."""
    config.option.loadscopereorder = False
    return PlaceTogether(config, log)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Asked by pytest when it begins."""
    parser.addoption("--shuffle", metavar="SEED", help="run the files, and the tests in each, in this seed's order")
    parser.addoption("--pictures", action="store_true", help="put the README's pictures in their place")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Asked by pytest when it has collected. Files stay whole, so that what a module shares is made once."""
    if seed := config.getoption("shuffle"):
        order = Random(seed)
        files = {path: order.random() for path in dict.fromkeys(item.path for item in items)}
        items.sort(key=lambda item: (files[item.path], order.random()))
    places = {place: number for number, place in enumerate(ORDER)}

    def turn(item: pytest.Item) -> tuple[int, bool]:
        return places.get(place_of(item.nodeid), len(ORDER)), not item.nodeid.startswith(LONG_FILES)

    items.sort(key=turn)


def pytest_collection_finish() -> None:
    """Asked by pytest when it knows what to run."""
    gc.freeze()
    gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(nextitem: pytest.Item | None) -> None:
    """Asked by pytest after each test. A stack that nobody asks anything still takes a twentieth of a core."""
    if nextitem is None or place_of(nextitem.nodeid) not in STACKS:
        for stack in _shared_stacks:
            stack.ask_to_stop()


_shared_stacks: list[RunningStack] = []


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
