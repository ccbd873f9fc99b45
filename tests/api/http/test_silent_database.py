"""The API while what lies between it and Postgres swallows everything that is said on the old connections."""

import asyncio

import httpx2
from pydantic import SecretStr

from api.app import create_app
from models.database import Database
from ops.embedded.ports import free_port
from runtime.settings import Settings
from tests.api.house import House
from tests.stack.line import line_to
from tests.stack.waiting import eventually

STRANGER = {"email": "nobody@nowhere.example", "password": "Not-a-password-2026"}


async def test_readyz_tells_and_requests_are_served_again(database: Database, house: House) -> None:
    url = database.engine.url
    async with line_to(url.port or 0) as line:
        settings = Settings(
            home=house.services.settings.home,
            database_url=SecretStr(url.set(host="127.0.0.1", port=line.port).render_as_string(hide_password=False)),
            database_pool_size=4,
            jwt_private_key=house.services.settings.jwt_private_key,
            temporal_address=f"127.0.0.1:{free_port()}",
            login_per_minute=1_000,
            lockout_failures_per_address=1_000,
            lockout_failures=1_000,
            _env_file=None,
        )
        app = create_app(settings)
        transport = httpx2.ASGITransport(app)
        async with (
            app.router.lifespan_context(app),
            httpx2.AsyncClient(transport=transport, base_url="http://t") as http,
        ):

            async def served() -> int:
                # Wrong, and only Postgres can know that.
                return (await http.post("/api/v1/auth/login", json=STRANGER)).status_code

            assert await asyncio.gather(*(served() for _ in range(4))) == [401] * 4
            assert (await http.get("/readyz")).status_code == 200

            line.silent = True
            line.freeze()
            asked = asyncio.create_task(served())
            assert (await http.get("/readyz")).status_code == 503
            line.silent = False
            line.freeze()

            async def is_served() -> bool:
                return await served() == 401

            await eventually(is_served, "a request is served")
            assert (await http.get("/readyz")).status_code == 200
            assert await asked == 503
