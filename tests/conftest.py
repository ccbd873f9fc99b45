"""What tests of several floors stand on: the running stack with its people, and a real database."""

from collections.abc import AsyncIterator

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from models.database import Database
from ops.embedded.postgres import running
from ops.migrate import upgrade
from tests.stack.people import People
from tests.stack.running_stack import RunningStack

ON_THE_STACK = "tests/e2e/"


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


@pytest.fixture(scope="session")
async def stack(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RunningStack]:
    """Casewright as `make up` runs it. At the end SIGTERM must leave no process."""
    stack = RunningStack(tmp_path_factory.mktemp("stack"))
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
async def database(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Database]:
    """A real database with today's schema, as the app's role sees it.

    Each test process has its own server: it is ready in two seconds, and nobody waits for another's. Tests share it
    without cleaning up, because each makes a tenant of its own.
    """
    with running(tmp_path_factory.mktemp("postgres")) as postgres:
        upgrade(postgres.owner_url)
        database = Database(postgres.app_url, pool_size=8)
        yield database
        await database.close()
