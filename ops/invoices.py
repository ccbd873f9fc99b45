"""`casewright invoices audit`: proves that no number of an invoice or credit note is missing or was given twice."""

import asyncio
from enum import StrEnum
from typing import Annotated

import sqlalchemy as sa
import typer
from sqlmodel import col

from models.database import Database
from models.tenants import Tenant
from ops.trouble import Trouble
from runtime.settings import settings
from stores.invoices.numbering import Series, audit_numbers


class What(StrEnum):
    AUDIT = "audit"


def invoices(
    what: Annotated[What, typer.Argument(help="audit: read every number of every tenant again.")],  # noqa: ARG001
) -> None:
    """Say whether the numbers of invoices and credit notes are gapless; names what is wrong and ends with code 1."""
    url = settings().database_url
    if url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    found = asyncio.run(_audit_all(url.get_secret_value()))
    for slug, series in found:
        typer.echo(f"{slug}: {_line(series)}")
    if not found:
        typer.echo("No invoice has been issued yet.")
    if any(series.faults for _, series in found):
        raise typer.Exit(1)


async def _audit_all(url: str) -> list[tuple[str, Series]]:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as session:
            columns = col(Tenant.id), col(Tenant.slug), col(Tenant.timezone)
            tenants = (await session.execute(sa.select(*columns).order_by(col(Tenant.slug)))).all()
        found = []
        for tenant_id, slug, timezone in tenants:
            async with database.transaction(tenant_id) as session:
                found += [(slug, series) for series in await audit_numbers(session, timezone)]
        return found
    finally:
        await database.close()


def _line(series: Series) -> str:
    name = f"{series.name}-{series.year}"
    if not series.faults:
        return f"{name} ok, {series.count} numbers without a gap"
    return f"{name} BROKEN: {'; '.join(series.faults)}"
