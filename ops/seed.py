"""`casewright seed`: makes the demo tenants where there are no tenants; also many tickets or products when asked to."""

import asyncio
from typing import Annotated

import typer

from ops.postgres_programs import libpq_url
from ops.trouble import Trouble
from runtime.settings import Settings, settings


def seed(
    tickets: Annotated[int, typer.Option(help="Also make so many tickets in acme: rows only, without workflows.")] = 0,
    products: Annotated[int, typer.Option(help="Also make products in acme until there are so many.")] = 0,
) -> None:
    """Make the demo tenants and their people, unless there are tenants already."""
    url = settings().database_url
    if url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    if settings().env == "production" and settings().demo_password == Settings.model_fields["demo_password"].default:
        raise Trouble("Everybody knows CASEWRIGHT_DEMO_PASSWORD: in production give the demo accounts another.")
    # Every start of the stack runs this, so what is slow to import is imported only when something is missing.
    if tickets or products or _is_missing(url.get_secret_value()):
        asyncio.run(_seed(url.get_secret_value(), tickets, products))


def _is_missing(url: str) -> bool:
    import psycopg

    with psycopg.connect(libpq_url(url)) as connection:
        found = connection.execute("SELECT count(*) FROM tenant_ids()").fetchone()
    return found is None or found[0] < 2


async def _seed(url: str, tickets: int, products: int) -> None:
    from models.database import Database
    from ops.demo.people import seed_demo
    from ops.seed_products import seed_products, tenant_named
    from ops.seed_tickets import seed_tickets

    database = Database(url, pool_size=1)
    try:
        await seed_demo(database)
        if tickets:
            await seed_tickets(database, tickets)
        if products:
            await seed_products(database, await tenant_named(database, "acme"), products)
    finally:
        await database.close()
