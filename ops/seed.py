"""`casewright seed`: makes the demo tenants where there are no tenants; also many tickets or products when asked to."""

import asyncio
from typing import Annotated

import typer

from ops.embedded.maildirs import MAILBOXES
from ops.postgres_programs import libpq_url
from ops.trouble import Trouble
from runtime.settings import Settings, settings

_DEMO_MAILBOX = (
    "SELECT FROM mail_account JOIN mail_account_address AS at ON at.account_id = mail_account.id "
    "WHERE at.address = ANY(%s) AND mail_account.port = %s"
)


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
    if tickets or products or _is_missing(url.get_secret_value(), settings()):
        asyncio.run(_seed(url.get_secret_value(), tickets, products))


def _is_missing(url: str, config: Settings) -> bool:
    import psycopg

    with psycopg.connect(libpq_url(url)) as connection:
        tenants = [row[0] for row in connection.execute("SELECT tenant_ids()")]
        if len(tenants) < len(MAILBOXES):
            return True
        if not has_mailboxes_of_its_own(config):
            return False
        mailboxes = 0
        for tenant_id in tenants:
            connection.execute("SELECT set_config('app.tenant_id', %s, true)", [str(tenant_id)])
            mailboxes += len(connection.execute(_DEMO_MAILBOX, [list(MAILBOXES), config.imap_port]).fetchall())
    return mailboxes < len(MAILBOXES)


def has_mailboxes_of_its_own(config: Settings) -> bool:
    """Whether the stack has an IMAP server for the demo tenants."""
    return config.embedded and config.secret_keys is not None


async def _seed(url: str, tickets: int, products: int) -> None:
    from models.database import Database
    from ops.demo.people import seed_demo
    from ops.seed_products import seed_products, tenant_named
    from ops.seed_tickets import seed_tickets

    database = Database(url, pool_size=1)
    try:
        await seed_demo(database)
        if has_mailboxes_of_its_own(settings()):
            from ops.demo.mailboxes import seed_mailboxes

            await seed_mailboxes(database, settings())
        if tickets:
            await seed_tickets(database, tickets)
        if products:
            await seed_products(database, await tenant_named(database, "acme"), products)
    finally:
        await database.close()
