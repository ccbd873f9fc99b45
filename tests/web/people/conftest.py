"""The pages and the API in one process on a real database, without Temporal: these tests need none."""

import itertools
from collections.abc import AsyncIterator, Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from models.database import Database
from ops.embedded.ports import free_port
from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from tests.api.house import Company, House
from tests.web.people.browser import Browser
from tests.workflows.mail import Postbox
from web.app import create_app

_browsers = itertools.count(1)

NewBrowser = Callable[[], Browser]


@pytest.fixture(scope="session")
async def house(database: Database, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    home: Path = tmp_path_factory.mktemp("home")
    key = load_or_create(home).jwt_private_key
    postbox = Postbox()
    smtp_url = postbox.start()
    settings = Settings(
        home=home,
        database_url=SecretStr(database.engine.url.render_as_string(hide_password=False)),
        database_pool_size=8,
        jwt_private_key=SecretStr(key),
        temporal_address=f"127.0.0.1:{free_port()}",
        # The transport's own address: each visitor says another one behind it.
        trusted_proxies=(ip_network("127.0.0.1/32"),),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield House(app, database, postbox, smtp_url, key, home)
    postbox.stop()


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
