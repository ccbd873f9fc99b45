"""Begins the run of a case from its row: what every start of a case's workflow is made of."""

from typing import TYPE_CHECKING, Any
from uuid import UUID

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from domain.cases import CaseKind, CaseRef, StepRef, workflow_id
from workflows.parts.attributes import TENANT
from workflows.parts.messages import CaseStart
from workflows.policies import CASES_QUEUE

if TYPE_CHECKING:
    from api.cases.kinds import Kind  # it knows readers, which stand on services, which hold a dispatcher


def start_options(kind: CaseKind, tenant_id: UUID, case_id: UUID) -> dict[str, Any]:
    """What the workflow of a case is started with, whoever starts it."""
    return {
        "id": workflow_id(kind, case_id),
        "task_queue": CASES_QUEUE,
        "id_reuse_policy": WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        "search_attributes": TypedSearchAttributes([SearchAttributePair(TENANT, str(tenant_id))]),
        "static_summary": f"{kind.replace('_', ' ').capitalize()} of tenant {tenant_id}",
    }


async def begin_from_row(
    client: Client,
    entry: "Kind",
    case: CaseRef,
    *,
    conflict: WorkflowIDConflictPolicy = WorkflowIDConflictPolicy.USE_EXISTING,
    send_again: StepRef | None = None,
) -> None:
    """Starts a run that begins with the case's row and the messages that are unsent; `conflict` says what becomes of a
    run that there is. Either is told to `send_again` what is unsent of a step. Raises RPCError when the engine does not
    take it."""
    run: Any = entry.workflow.run  # type: ignore[attr-defined]
    wish: dict[str, Any] = {"start_signal": "send_again", "start_signal_args": [send_again]} if send_again else {}
    await client.start_workflow(
        run,
        CaseStart(case.tenant_id, case.case_id),
        id_conflict_policy=conflict,
        **wish,
        **start_options(entry.kind, case.tenant_id, case.case_id),
    )
