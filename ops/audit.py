"""`casewright audit verify`: checks that no entry of any tenant's audit was changed."""

import asyncio
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer

from models.database import Database
from models.tenants import Tenant
from ops.trouble import Trouble
from runtime.settings import settings
from stores.audit import Verdict, verify
from stores.tenants import tenant_ids


class What(StrEnum):
    VERIFY = "verify"


def audit(
    what: Annotated[What, typer.Argument(help="verify: walk every tenant's chain from its first entry.")],  # noqa: ARG001
) -> None:
    """Say whether the audit is as it was written; names each tenant's first broken link and ends with code 1.

    Keep what it prints somewhere else: who can rewrite the whole database can forge a chain, but not this line.
    """
    url = settings().database_url
    if url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    verdicts = asyncio.run(_verify_all(url.get_secret_value()))
    for slug, verdict in verdicts:
        typer.echo(_line(slug, verdict))
    if any(verdict.broken for _, verdict in verdicts):
        raise typer.Exit(1)


async def _verify_all(url: str) -> list[tuple[str, Verdict]]:
    database = Database(url, pool_size=1)
    try:
        async with database.transaction() as session:
            tenants = await tenant_ids(session)
        return sorted([await _verify_one(database, tenant_id) for tenant_id in tenants], key=lambda found: found[0])
    finally:
        await database.close()


async def _verify_one(database: Database, tenant_id: UUID) -> tuple[str, Verdict]:
    async with database.transaction(tenant_id) as session:
        return (await session.get_one(Tenant, tenant_id)).slug, await verify(session)


def _line(slug: str, verdict: Verdict) -> str:
    if verdict.broken is None:
        return f"{slug}: ok, {verdict.count} entries, the newest is {verdict.hash}"
    broken = verdict.broken
    return f"{slug}: BROKEN at entry {broken.sequence}: {broken.fault.replace('_', ' ')}, {broken.sentence}"
