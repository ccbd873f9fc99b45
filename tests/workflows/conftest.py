"""A world in which time is skipped: real API, real worker, real Postgres, real SMTP, and Temporal's test server."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from api.app import create_app
from api.cases.live import Live
from api.files.printer import Printer
from api.http.services import Services
from api.identity.tokens import Tokens
from api.mail.courier import Courier
from api.mail.mailboxes import Mailboxes
from api.registry import KINDS
from models.database import Database
from ops.embedded.secrets import load_or_create
from runtime.client import DATA_CONVERTER
from runtime.settings import Settings
from stores.files.scanner import VirusScanner
from stores.files.storage import FileStorage
from stores.mail.secrets import Secrets
from tests.stack.databases import Copies
from tests.stack.engines import time_skipping_server
from tests.workflows.clerk import StartThenUpdate
from tests.workflows.histories import Begun
from tests.workflows.mail import Postbox
from tests.workflows.world import World
from workers.working import workers_of


@pytest.fixture(scope="session")
async def world(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    home = tmp_path_factory.mktemp("home")
    postbox = Postbox()
    database_url = (await copies.seeded("skipping")).app_url
    settings = Settings(
        home=home,
        database_url=SecretStr(database_url),
        smtp_url=SecretStr(postbox.start()),
        jwt_private_key=SecretStr(load_or_create(home).jwt_private_key),
        login_per_minute=100,
        register_per_hour=100,
        allow_private_hosts=True,
    )
    database = Database(database_url, pool_size=10)
    async with await time_skipping_server(data_converter=DATA_CONVERTER) as environment:
        begun = Begun()
        client = begun.watching(environment.client)
        workers = workers_of(client, database, settings)
        running = [asyncio.create_task(worker.run()) for worker in workers]
        app = create_app(settings)
        app.state.services = Services(
            settings=settings,
            database=database,
            dispatcher=StartThenUpdate(client, KINDS, wait=timedelta(seconds=20)),
            courier=Courier(client),
            mailboxes=Mailboxes(client),
            printer=Printer(client, wait=timedelta(seconds=20)),
            tokens=Tokens(load_or_create(home).jwt_private_key),
            files=FileStorage.at(None, home),
            scanner=VirusScanner(None),
            secrets=Secrets.of(settings.secret_keys),
            live=Live(database),
        )
        yield World(environment, app, database, postbox, begun)
        await asyncio.gather(*(worker.shutdown() for worker in workers))
        await asyncio.gather(*running)
    postbox.stop()
    await database.close()


@pytest.fixture(autouse=True)
async def replayed(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[None]:
    """Replays what a test has begun when it is over, as long as what it has patched is so."""
    yield
    if "world" in request.fixturenames:
        world: World = request.getfixturevalue("world")
        await world.begun.replay(world.environment.client)
