"""Starting the workflow of a quote's next version, whose row the last step of this one has opened."""

from uuid import UUID

from temporalio import workflow
from temporalio.common import SearchAttributePair, TypedSearchAttributes, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.cases import CaseKind, workflow_id
from domain.quotes.state import QuoteState
from workflows.parts.attributes import TENANT
from workflows.parts.messages import CaseStart


async def start_next_version(tenant_id: UUID, next_id: UUID) -> None:
    """Starts it, unless a command has begun it already."""
    try:
        await workflow.start_child_workflow(
            "QuoteWorkflow",
            CaseStart[QuoteState](tenant_id, next_id),
            id=workflow_id(CaseKind.QUOTE, next_id),
            # Never a second time: a command may have started it already, and it may even have ended since.
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            parent_close_policy=workflow.ParentClosePolicy.ABANDON,
            search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(tenant_id))]),
            static_summary=f"Quote of tenant {tenant_id}",
        )
    except WorkflowAlreadyStartedError:
        return
