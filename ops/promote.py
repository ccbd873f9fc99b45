"""`casewright promote`: makes a version of the workers the current one, which gets the work of every case."""

import asyncio
from typing import Annotated

import typer
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError

from ops.engine_client import engine_client
from ops.trouble import Trouble
from runtime.settings import Settings, settings
from workers.deployment import DEPLOYMENT, version_of
from workers.deployment import promote as make_current

_PATIENCE_SECONDS = 40.0


def promote(
    build_id: Annotated[str | None, typer.Option(help="Another build than that of this code: to roll back.")] = None,
) -> None:
    """Give the work of every case to the workers of this code, once they are there; open cases go over to them."""
    version = WorkerDeploymentVersion(DEPLOYMENT, build_id) if build_id else version_of(settings())
    asyncio.run(_promoted(settings(), version))
    typer.echo(f"{version.build_id} is current.")


async def _promoted(config: Settings, version: WorkerDeploymentVersion) -> None:
    try:
        async with engine_client(config) as client:
            await make_current(client, version, patience=_PATIENCE_SECONDS)
    except RPCError as refused:
        raise Trouble(f"Temporal did not make {version.build_id} current: {refused.message}") from refused
