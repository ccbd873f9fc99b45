"""What routes ask of mailboxes' workflows."""

import asyncio
from collections.abc import Coroutine

import structlog
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.service import RPCError

from domain.mail.checking import CHECK_SECONDS, CheckLine, CheckStep
from domain.mail.mailbox import MailboxRef
from runtime.mailboxes import wake
from workflows.mail.check import CheckMailboxWorkflow
from workflows.parts.attributes import TENANT
from workflows.policies import CASES_QUEUE

PATIENCE_SECONDS = 10.0

log = structlog.get_logger(__name__)


class Mailboxes:
    """Tells the workflows of mailboxes what has changed. What the engine does not take now, a round of the worker finds
    by the row."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._under_way: set[asyncio.Task[None]] = set()

    def wake_soon(self, mailbox: MailboxRef, *, look: bool = False) -> None:
        """Has what has arrived read, or with `look` the mailbox looked at as it is now, without waiting for the
        engine."""
        self._soon(self._wake(mailbox, look=look))

    async def check(self, mailbox: MailboxRef) -> list[CheckLine]:
        """Tries the mailbox out, within `CHECK_SECONDS`: a line for each step. Where no worker has answered by then,
        that is the only one."""
        try:
            async with asyncio.timeout(CHECK_SECONDS):
                return await self._client.execute_workflow(
                    CheckMailboxWorkflow.run,
                    mailbox,
                    id=f"mailbox-check/{mailbox.account_id}",
                    task_queue=CASES_QUEUE,
                    id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                    id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
                    search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(mailbox.tenant_id))]),
                    static_summary=f"A mailbox of tenant {mailbox.tenant_id} is tried out",
                )
        # RuntimeError: the client's first connection failed.
        except (TimeoutError, RPCError, RuntimeError, WorkflowFailureError) as error:
            log.warning("mailbox_not_checked", cause=type(error).__name__)
            return [CheckLine(CheckStep.WORKER, "no_answer")]

    async def close(self) -> None:
        """Waits for what is being told."""
        await asyncio.gather(*self._under_way)

    def _soon(self, telling: Coroutine[None, None, None]) -> None:
        task = asyncio.create_task(telling)
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _wake(self, mailbox: MailboxRef, *, look: bool) -> None:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await wake(self._client, mailbox, look=look)
        except (TimeoutError, RPCError, RuntimeError) as error:
            log.warning("mailbox_not_woken", cause=type(error).__name__)
