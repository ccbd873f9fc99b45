"""Prints a quote on demand, for somebody who wants its PDF now."""

import asyncio
from datetime import timedelta
from uuid import UUID

import structlog
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError

from domain.quotes.papers import PrintQuote
from workflows.parts.attributes import TENANT
from workflows.policies import CASES_QUEUE
from workflows.quotes.printing import PrintQuoteWorkflow

log = structlog.get_logger()


class Printer:
    """Starts the printing and waits for it, but no longer than `wait`."""

    def __init__(self, client: Client, *, wait: timedelta) -> None:
        self._client = client
        self._wait = wait

    async def print(self, order: PrintQuote, content_id: UUID) -> bool:
        """Returns whether the PDF is there now. However many requests ask at once, it is printed once."""
        try:
            async with asyncio.timeout(self._wait.total_seconds()):
                await self._client.execute_workflow(
                    PrintQuoteWorkflow.run,
                    order,
                    id=f"print/{content_id}/{'sent' if order.sent else 'draft'}",
                    task_queue=CASES_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(order.tenant_id))]),
                    static_summary=f"A quote on paper, of tenant {order.tenant_id}",
                )
        # RuntimeError: the client's first connection failed.
        except (TimeoutError, RPCError, RuntimeError, WorkflowFailureError) as error:
            log.warning("quote_not_printed", quote_id=str(order.quote_id), cause=type(error).__name__)
            return False
        return True
