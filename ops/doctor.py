"""`casewright doctor`: checks everything that Casewright depends on."""

import asyncio
from collections.abc import Awaitable, Callable

import typer

from ops.checks import database, engine, mailboxes, surroundings
from ops.trouble import Trouble
from runtime.settings import Settings, settings

Check = Callable[[Settings], Awaitable[str]]

CHECKS: dict[str, Check] = {
    "settings": surroundings.settings_are_safe,
    "postgres": database.postgres,
    "schema": database.schema,
    "role": database.role,
    "row security": database.row_security,
    "demo accounts": database.demo_accounts,
    "temporal": engine.temporal,
    "namespace": engine.namespace,
    "search attributes": engine.search_attributes,
    "workers": engine.workers,
    "worker version": engine.worker_version,
    "commands": database.commands,
    "messages": database.messages,
    "activities": database.activities,
    "tasks": database.tasks,
    "stuck cases": database.stuck,
    "workflow tasks": engine.workflow_tasks,
    "cases": engine.cases,
    "storage": surroundings.storage,
    "mail server": surroundings.mail_server,
    "mailboxes": mailboxes.all_mailboxes,
}


def doctor() -> None:
    """Look at Postgres, Temporal, the workers, storage and mail: a line each; code 1 when one is not as it must be."""
    if not asyncio.run(_look()):
        raise typer.Exit(1)


async def _look() -> bool:
    well = True
    for name, check in CHECKS.items():
        try:
            line = typer.style("ok", fg=typer.colors.GREEN) + f"      {name}: {await check(settings())}"
        except Trouble as trouble:
            well = False
            line = typer.style("failed", fg=typer.colors.RED) + f"  {name}: {trouble}"
        typer.echo(line)
    return well
