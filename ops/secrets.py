"""`casewright secrets rotate`: seals anew, by the first of the keys, what logs in to mailboxes."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from models.database import Database
from ops.trouble import Trouble
from runtime.settings import Settings, settings
from stores.mail.rotation import Rotated, rotate
from stores.mail.secrets import Secrets


class What(StrEnum):
    ROTATE = "rotate"


def secrets(
    what: Annotated[What, typer.Argument(help="rotate: seal all of them by the first of CASEWRIGHT_SECRET_KEYS.")],  # noqa: ARG001
) -> None:
    """Seal anew what logs in to mailboxes, while they run; ends with code 1 when no key opens one of them."""
    found = asyncio.run(_rotate(settings()))
    typer.echo(f"{found.sealed} sealed anew, {found.current} were already.")
    if found.unreadable:
        typer.echo(f"No key opens {found.unreadable}: give the key that sealed them, or their secrets anew.")
        raise typer.Exit(1)


async def _rotate(config: Settings) -> Rotated:
    if config.database_url is None:
        raise Trouble("No database: set DATABASE_URL, or start one with `casewright up`.")
    if config.secret_keys is None:
        raise Trouble("CASEWRIGHT_SECRET_KEYS is not set.")
    database = Database(config.database_url.get_secret_value(), pool_size=1)
    try:
        return await rotate(database, Secrets.of(config.secret_keys))
    finally:
        await database.close()
