"""Prints a paper on demand, for somebody who wants its PDF now."""

import asyncio
from datetime import timedelta
from typing import Any
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

from workflows.parts.attributes import TENANT
from workflows.policies import CASES_QUEUE

log = structlog.get_logger(__name__)


class Printer:
    """Starts the printing and waits for it, but no longer than `wait`."""

    def __init__(self, client: Client, *, wait: timedelta) -> None:
        self._client = client
        self._wait = wait

    async def print(self, workflow: Any, order: Any, *, name: str, tenant_id: UUID) -> bool:
        """Has the workflow print what is ordered; returns whether the PDF is there now. However many requests ask at
        once for what has this name, it is printed once."""
        try:
            async with asyncio.timeout(self._wait.total_seconds()):
                await self._client.execute_workflow(
                    workflow,
                    order,
                    id=f"print/{name}",
                    task_queue=CASES_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(tenant_id))]),
                    static_summary=f"A paper of tenant {tenant_id}",
                )
        # RuntimeError: the client's first connection failed.
        except (TimeoutError, RPCError, RuntimeError, WorkflowFailureError) as error:
            log.warning("paper_not_printed", paper=name, cause=type(error).__name__)
            return False
        return True
