"""Everything real: Temporal server, API, Postgres and SMTP. A worker runs only once a test starts one."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from api.app import create_app
from models.database import Database
from ops.embedded.secrets import load_or_create
from ops.embedded.temporal import DYNAMIC_CONFIG
from ops.namespace import ensure_namespace
from runtime.client import DATA_CONVERTER, connect
from runtime.settings import Settings
from tests.rollouts.real_world import RealWorld
from tests.stack.databases import Copies
from tests.stack.engines import dev_server
from tests.workflows.mail import Postbox

# A run goes on in a new one after some dozen commands, and no scenario that is not about that has as many.
LONG_HISTORY = 200
SERVER = {
    **DYNAMIC_CONFIG,
    "limit.historyCount.suggestContinueAsNew": LONG_HISTORY,
    # As it comes, an operator is told after five.
    "system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute": 1,
}


@pytest.fixture(scope="session")
async def real_world(copies: Copies, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[RealWorld]:
    home = tmp_path_factory.mktemp("home")
    postbox = Postbox()
    database_url = (await copies.seeded("real")).app_url
    async with await dev_server(SERVER, data_converter=DATA_CONVERTER) as environment:
        settings = Settings(
            home=home,
            database_url=SecretStr(database_url),
            temporal_address=environment.client.service_client.config.target_host,
            temporal_namespace="default",
            smtp_url=SecretStr(postbox.start()),
            jwt_private_key=SecretStr(load_or_create(home).jwt_private_key),
            secret_keys=SecretStr(load_or_create(home).secret_key),
            login_per_minute=100,
            register_per_hour=100,
            sweep_after_seconds=0,
            allow_private_hosts=True,
            _env_file=None,
        )
        database = Database(database_url, pool_size=10)
        client = await connect(settings)
        await ensure_namespace(client)
        app = create_app(settings)
        async with app.router.lifespan_context(app):
            yield RealWorld(environment, app, database, postbox, client=client, settings=settings)
        await database.close()
    postbox.stop()
