"""What a mailbox's workflow asks of the world, as a test says it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from temporalio import activity
from temporalio.client import Client, WorkflowHandle
from temporalio.worker import Worker
from uuid_utils.compat import uuid7

from domain.mail.fetching import Ended, Fetched, Standing
from domain.mail.mailbox import MailboxRef
from domain.mail.states import MailboxState, Waits
from runtime.mailboxes import mailbox_workflow_id, wake
from workflows.mail.mailbox import MailboxWorkflow
from workflows.policies import ARRIVALS_QUEUE, CASES_QUEUE, MAIL_QUEUE

STANDS = Standing(MailboxState.ACTIVE, Waits.SERVER, last_uid=7)


@dataclass
class Post:
    """The turns at a mailbox end as `turns` says, one after the other; when there is none left, a turn waits until it
    is cancelled. `fetched` and `read` count."""

    client: Client
    turns: list[Fetched] = field(default_factory=list)
    fetched: int = 0
    cancelled: int = 0
    read: int = 0
    fails: int = 0
    mailbox: MailboxRef = field(default_factory=lambda: MailboxRef(uuid7(), uuid7()))

    @property
    def run(self) -> WorkflowHandle[MailboxWorkflow, None]:
        """The mailbox's workflow."""
        return self.client.get_workflow_handle_for(MailboxWorkflow.run, mailbox_workflow_id(self.mailbox))

    async def ends(self) -> None:
        """Starts it and waits for its end; the engine skips the time until then for whoever has started it."""
        run = await self.client.start_workflow(
            MailboxWorkflow.run, self.mailbox, id=mailbox_workflow_id(self.mailbox), task_queue=CASES_QUEUE
        )
        await run.result()

    async def wake(self, *, look: bool = False) -> None:
        await wake(self.client, self.mailbox, look=look)

    async def details(self) -> str:
        """What an operator sees."""
        from temporalio.api.sdk.v1 import WorkflowMetadata

        return (await self.run.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)).current_details

    @activity.defn(name="mail.fetch")
    async def fetch(self, mailbox: MailboxRef) -> Fetched:
        assert mailbox == self.mailbox
        self.fetched += 1
        if self.turns:
            return self.turns.pop(0)
        try:
            while True:
                activity.heartbeat()
                await asyncio.sleep(0.05)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise

    @activity.defn(name="mail.read_arrived")
    async def read_arrived(self, mailbox: MailboxRef) -> int:
        assert mailbox == self.mailbox
        self.read += 1
        if self.fails:
            self.fails -= 1
            raise RuntimeError("Canary")
        return 1


A_MOMENT = timedelta(seconds=0.1)
GONE = Fetched(Ended.GONE)


def failed(seconds: float) -> Fetched:
    """A turn after which the mailbox is left alone for so long."""
    stands = Standing(MailboxState.FAILING, Waits.NEXT_TRY, last_error="login_refused")
    return Fetched(Ended.FAILED, pause_seconds=seconds, standing=stands)


@asynccontextmanager
async def working(client: Client, *turns: Fetched) -> AsyncIterator[Post]:
    """Workers for one mailbox, which replay every task from the beginning."""
    post = Post(client, list(turns))
    workers = [
        Worker(client, task_queue=CASES_QUEUE, workflows=[MailboxWorkflow], max_cached_workflows=0),
        Worker(client, task_queue=MAIL_QUEUE, activities=[post.fetch], max_heartbeat_throttle_interval=A_MOMENT),
        Worker(client, task_queue=ARRIVALS_QUEUE, activities=[post.read_arrived]),
    ]
    async with workers[0], workers[1], workers[2]:
        try:
            yield post
        finally:
            if await _runs(post):
                await post.run.terminate()


async def _runs(post: Post) -> bool:
    from temporalio.client import WorkflowExecutionStatus
    from temporalio.service import RPCError

    try:
        return (await post.run.describe()).status is WorkflowExecutionStatus.RUNNING
    except RPCError:
        return False
