"""`casewright stock audit`: checks that all stock is what its movements add up to."""

import asyncio
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from ops.each_tenant import of_each_tenant
from stores.stock.audit import Fault, check


class What(StrEnum):
    AUDIT = "audit"


def stock(
    what: Annotated[What, typer.Argument(help="audit: recompute every stock from its movements and claims.")],  # noqa: ARG001
) -> None:
    """Say whether all stock is what its movements add up to; names whatever is not, and ends with code 1."""
    found = asyncio.run(of_each_tenant(_check))
    for slug, faults in found:
        if not faults:
            typer.echo(f"{slug}: ok")
        for fault in faults:
            typer.echo(f"{slug}: WRONG, {fault.sku}: {fault.sentence} (stock {fault.stock_id})")
    if any(faults for _, faults in found):
        raise typer.Exit(1)


async def _check(session: AsyncSession, _: UUID) -> list[Fault]:
    # One snapshot: a movement that is made meanwhile is either seen whole or not at all.
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return await check(session)
