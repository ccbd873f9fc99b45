"""`casewright audit verify`: checks that no entry of any tenant's audit was changed."""

import asyncio
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import typer
from sqlalchemy.ext.asyncio import AsyncSession

from ops.each_tenant import of_each_tenant
from stores.audit import Verdict, verify


class What(StrEnum):
    VERIFY = "verify"


def audit(
    what: Annotated[What, typer.Argument(help="verify: walk every tenant's chain from its first entry.")],  # noqa: ARG001
) -> None:
    """Say whether the audit is as it was written; names each tenant's first broken link and ends with code 1.

    Keep what it prints somewhere else: who can rewrite the whole database can forge a chain, but not this line.
    """
    verdicts = asyncio.run(of_each_tenant(_verify))
    for slug, verdict in verdicts:
        typer.echo(_line(slug, verdict))
    if any(verdict.broken for _, verdict in verdicts):
        raise typer.Exit(1)


async def _verify(session: AsyncSession, _: UUID) -> Verdict:
    return await verify(session)


def _line(slug: str, verdict: Verdict) -> str:
    if verdict.broken is None:
        return f"{slug}: ok, {verdict.count} entries, the newest is {verdict.hash}"
    broken = verdict.broken
    return f"{slug}: BROKEN at entry {broken.sequence}: {broken.fault.replace('_', ' ')}, {broken.sentence}"
