"""`casewright stock audit`: checks that all stock is what its movements add up to."""

import asyncio
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import sqlalchemy as sa
import typer
from sqlmodel import col

from models.database import Database
from models.tenants import Tenant
from ops.trouble import Trouble
from runtime.settings import settings
from stores.stock.audit import Fault, check


class What(StrEnum):
    AUDIT = "audit"


def stock(
    what: Annotated[What, typer.Argument(help="audit: recompute every stock from its movements and claims.")],  # noqa: ARG001
) -> None:
    """Say whether all stock is what its movements add up to; names whatever is not, and ends with code 1."""
    url = settings().database_url
    if url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    found = asyncio.run(_check_all(url.get_secret_value()))
    for slug, faults in found:
        if not faults:
            typer.echo(f"{slug}: ok")
        for fault in faults:
            typer.echo(f"{slug}: WRONG, {fault.sku}: {fault.sentence} (stock {fault.stock_id})")
    if any(faults for _, faults in found):
        raise typer.Exit(1)


async def _check_all(url: str) -> list[tuple[str, list[Fault]]]:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as session:
            tenants = (
                await session.execute(sa.select(col(Tenant.id), col(Tenant.slug)).order_by(col(Tenant.slug)))
            ).all()
        return [(slug, await _check_one(database, tenant_id)) for tenant_id, slug in tenants]
    finally:
        await database.close()


async def _check_one(database: Database, tenant_id: UUID) -> list[Fault]:
    async with database.transaction(tenant_id) as session:
        # One snapshot: a movement that is made meanwhile is either seen whole or not at all.
        await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        return await check(session)
