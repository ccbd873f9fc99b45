"""The app on a real database, without Temporal: these tests need none."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.app import create_app
from models.database import Database
from ops.embedded.ports import free_port
from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from tests.api import demo_house
from tests.api.house import Company, House
from tests.stack.databases import Copies, Copy
from tests.workflows.mail import Postbox


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
