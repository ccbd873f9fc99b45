"""Tries a mailbox out, for somebody who waits for it. Its id is `mailbox-check/{account id}`: whoever asks meanwhile
gets the same answer."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.mail.checking import CheckActivities
    from domain.mail.checking import CheckLine
    from domain.mail.mailbox import MailboxRef
    from workflows.policies import MAIL_QUEUE, MAILBOX_CHECK_TIMEOUT, ONCE


@workflow.defn(name="CheckMailboxWorkflow")
class CheckMailboxWorkflow:
    @workflow.run
    async def run(self, mailbox: MailboxRef) -> list[CheckLine]:
        """Returns a line for each step."""
        return await workflow.execute_activity_method(
            CheckActivities.check,
            mailbox,
            task_queue=MAIL_QUEUE,
            schedule_to_close_timeout=MAILBOX_CHECK_TIMEOUT,
            retry_policy=ONCE,
            summary="try the mailbox out",
        )
