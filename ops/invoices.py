"""`casewright invoices audit`: proves that no number of an invoice or credit note is missing or was given twice."""

import asyncio
from collections.abc import Sequence
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from models.tenants import Tenant
from ops.each_tenant import of_each_tenant
from stores.invoices.numbering import Series, audit_numbers


class What(StrEnum):
    AUDIT = "audit"


def invoices(
    what: Annotated[What, typer.Argument(help="audit: read every number of every tenant again.")],  # noqa: ARG001
) -> None:
    """Say whether the numbers of invoices and credit notes are gapless; names what is wrong and ends with code 1."""
    found = [(slug, series) for slug, all_of in asyncio.run(of_each_tenant(_audit)) for series in all_of]
    for slug, series in found:
        typer.echo(f"{slug}: {_line(series)}")
    if not found:
        typer.echo("No invoice has been issued yet.")
    if any(series.faults for _, series in found):
        raise typer.Exit(1)


async def _audit(session: AsyncSession, tenant_id: UUID) -> Sequence[Series]:
    return await audit_numbers(session, (await session.get_one(Tenant, tenant_id)).timezone)


def _line(series: Series) -> str:
    name = f"{series.name}-{series.year}"
    if not series.faults:
        return f"{name} ok, {series.count} numbers without a gap"
    return f"{name} BROKEN: {'; '.join(series.faults)}"
