"""The API: routes, middleware, and what they stand on."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from fastapi import FastAPI

from api import problems
from api.body_limit import BodyLimit
from api.correlation import Correlation
from api.routes import audit, auth, commands, demo, health, service_levels, ticket_desk, tickets
from api.services import Services
from api.tokens import Tokens
from models.database import Database
from workers.client import connect
from workers.dispatch import Dispatcher
from workers.settings import Settings

PREFIX = "/api/v1"


def create_app(settings: Settings) -> FastAPI:
    """The application for these settings. Raises RuntimeError when a setting that it cannot do without is missing."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        if settings.database_url is None or settings.jwt_private_key is None:
            raise RuntimeError("DATABASE_URL and CASEWRIGHT_JWT_PRIVATE_KEY must be set")
        database = Database(settings.database_url.get_secret_value(), pool_size=settings.database_pool_size)
        client = await connect(settings, lazy=True)
        app.state.services = Services(
            settings=settings,
            database=database,
            dispatcher=Dispatcher(client, wait=timedelta(seconds=settings.command_wait_seconds)),
            tokens=Tokens(settings.jwt_private_key.get_secret_value()),
        )
        yield
        await database.close()

    app = FastAPI(
        title="Casewright",
        version="1",
        description="A customer service platform: every case is one durable workflow.",
        lifespan=lifespan,
        docs_url="/docs",
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    problems.install(app)
    app.add_middleware(BodyLimit)
    app.add_middleware(Correlation)
    app.include_router(health.router)
    for routes in (auth, tickets, service_levels, ticket_desk, commands, audit):
        app.include_router(routes.router, prefix=PREFIX)
    if settings.embedded:
        app.include_router(demo.router, prefix=PREFIX)
    return app
