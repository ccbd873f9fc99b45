"""Makes a mailbox's workflow run, and tells it what has happened."""

from temporalio.client import Client
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)

from domain.mail.fetching import ARRIVED
from domain.mail.mailbox import MailboxRef
from workflows.mail.mailbox import LOOK, MailboxWorkflow
from workflows.parts.attributes import TENANT
from workflows.policies import CASES_QUEUE


def mailbox_workflow_id(mailbox: MailboxRef) -> str:
    """The id of a mailbox's workflow."""
    return f"mailbox/{mailbox.account_id}"


async def wake(client: Client, mailbox: MailboxRef, *, look: bool = False) -> None:
    """Has the mailbox read what has arrived, or, with `look`, begin anew as it is now; starts its workflow where there
    is none. Raises RPCError, and RuntimeError when the client's first connection fails."""
    await _start(client, mailbox, start_signal=LOOK if look else ARRIVED)


async def make_sure(client: Client, mailbox: MailboxRef) -> None:
    """Starts the mailbox's workflow where there is none; one that runs hears nothing of it. Raises as `wake`."""
    await _start(client, mailbox)


async def _start(client: Client, mailbox: MailboxRef, *, start_signal: str | None = None) -> None:
    await client.start_workflow(
        MailboxWorkflow.run,
        mailbox,
        id=mailbox_workflow_id(mailbox),
        task_queue=CASES_QUEUE,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        search_attributes=TypedSearchAttributes([SearchAttributePair(TENANT, str(mailbox.tenant_id))]),
        static_summary=f"A mailbox of tenant {mailbox.tenant_id}",
        start_signal=start_signal,
    )
