"""The API in this process over a real Postgres, with the demo people in it and Temporal away."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import psycopg
from fastapi import FastAPI
from psycopg import sql
from pydantic import SecretStr

from api.app import create_app
from models.database import Database
from ops.embedded.ports import free_port
from ops.embedded.secrets import load_or_create
from runtime.settings import Settings
from tests.stack.databases import Copy

PASSWORD = Settings.model_fields["demo_password"].default.get_secret_value()


class House:
    """`app` as the settings make it, and `database` as the app's role sees it.

    `superuser_url` is for looking, and for doing what the app cannot: a libpq address.
    """

    def __init__(self, settings: Settings, its_database: Copy, app: FastAPI, database: Database) -> None:
        self.settings = settings
        self.app = app
        self.database = database
        self.nobody = client(app)
        self.superuser_url = its_database.superuser_url
        self._people: dict[str, httpx2.AsyncClient] = {}

    def superuser(self) -> psycopg.Connection[Any]:
        """A connection that no row-level security, trigger or foreign key holds back."""
        return psycopg.connect(self.superuser_url, autocommit=True, options="-c session_replication_role=replica")

    def ask(self, query: str, *values: object) -> list[Any]:
        """The rows that a query gives when all of the database is seen."""
        with self.superuser() as connection:
            return connection.execute(sql.SQL(query), values).fetchall()  # type: ignore[arg-type]

    async def person(self, email: str) -> httpx2.AsyncClient:
        """A client that is logged in as this demo person."""
        if email not in self._people:
            answer = await self.nobody.post("/api/v1/auth/login", json={"email": email, "password": PASSWORD})
            assert answer.status_code == 200, answer.text
            self._people[email] = client(self.app, answer.json()["access_token"])
        return self._people[email]


def settings_of(home: Path, its_database: Copy, **given: Any) -> Settings:
    """Settings of an API that has its database and finds no Temporal."""
    defaults: dict[str, Any] = {
        "home": home,
        "database_url": SecretStr(its_database.app_url),
        "jwt_private_key": SecretStr(load_or_create(home).jwt_private_key),
        "temporal_address": f"127.0.0.1:{free_port()}",
        "command_wait_seconds": 0.2,
        # All of them come from one address.
        **dict.fromkeys(("login_per_minute", "lockout_failures", "lockout_failures_per_address"), 10_000),
    }
    return Settings(**{**defaults, **given})


def client(
    app: FastAPI, token: str | None = None, *, address: str = "127.0.0.1", defects_raise: bool = True
) -> httpx2.AsyncClient:
    """A client of the app in this process, seen as coming from `address`."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    transport = httpx2.ASGITransport(app, client=(address, 50_000), raise_app_exceptions=defects_raise)
    return httpx2.AsyncClient(transport=transport, base_url="http://test", headers=headers)


@asynccontextmanager
async def house(home: Path, its_database: Copy, **given: Any) -> AsyncIterator[House]:
    """The API of these settings, started."""
    settings = settings_of(home, its_database, **given)
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield House(settings, its_database, app, app.state.services.database)
