"""`casewright begin-anew`: ends the run of a case and begins a new one from its row, without any history to replay."""

import asyncio
from typing import Annotated
from uuid import UUID

import typer
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.service import RPCError, RPCStatusCode

from api.cases.beginning import begin_from_row
from api.registry import KINDS
from domain.cases import CaseKind, CaseRef
from ops.engine_client import engine_client
from ops.fast_forward import parse_case
from ops.trouble import Trouble
from runtime.settings import Settings, settings
from workflows.parts.attributes import TENANT


def begin_anew(
    cases: Annotated[list[str], typer.Argument(help="Cases, as ticket/01a1f940-fe27-7223-aca3-a0ee4a3aa8e9.")],
) -> None:
    """Begin open cases anew from their rows: for a change that no patch can bridge, and for a run that is stuck."""
    asyncio.run(_begin(settings(), [parse_case(case) for case in cases]))


async def _begin(config: Settings, cases: list[str]) -> None:
    async with engine_client(config) as client:
        for case in cases:
            await run_anew(client, case)
            typer.echo(f"{case} has begun anew.")


async def run_anew(client: Client, case: str) -> None:
    """Ends the run of `case` (`ticket/<id>`) and begins another from its row.

    What was asked of it and not answered stays pending, and the sweep asks again; messages that are unsent are the new
    run's. Raises Trouble for a case that is unknown or has ended: that begins from its row by itself.
    """
    try:
        found = await client.get_workflow_handle(case).describe()
        tenant = found.typed_search_attributes.get(TENANT)
        if found.status is not WorkflowExecutionStatus.RUNNING or tenant is None:
            raise Trouble(f"{case} does not run: what is next asked of it begins it from its row.")
        kind, _, case_id = case.partition("/")
        await begin_from_row(
            client,
            KINDS[CaseKind(kind)],
            CaseRef(UUID(tenant), UUID(case_id)),
            conflict=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
        )
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise Trouble(f"No workflow runs for {case}: is the id right?") from error
        raise Trouble(f"Temporal did not begin {case} anew: {error.message}") from error
