"""A mailbox: fetched turn after turn for as long as it is there, while what has arrived is read beside it.

Its id is `mailbox/{account id}`. It hears ids, counts, codes and times, never an address or a word of a mail.

    arrived   mails were kept, by its own turn or by a provider's webhook: they are read
    look      the mailbox was changed, paused or resumed, or somebody wants it looked at now: a new turn begins
"""

import asyncio
from datetime import timedelta

from temporalio import workflow
from temporalio.exceptions import ActivityError, is_cancelled_exception
from temporalio.workflow import ActivityCancellationType

with workflow.unsafe.imports_passed_through():
    from activities.mail.arrivals import ArrivalActivities
    from activities.mail.fetching import FetchActivities
    from domain.mail.fetching import ARRIVED, Ended, Fetched, Standing
    from domain.mail.mailbox import MailboxRef
    from domain.mail.states import MailboxState
    from workflows.mail.view import details
    from workflows.parts.attributes import CASE_STATUS
    from workflows.policies import (
        ARRIVALS_HEARTBEAT,
        ARRIVALS_QUEUE,
        ARRIVALS_RETRY,
        ARRIVALS_TIMEOUT,
        MAIL_QUEUE,
        MAILBOX_HEARTBEAT,
        MAILBOX_RETRY,
        MAILBOX_TIMEOUT,
    )

LOOK = "look"

_AFTER_A_DEFECT = timedelta(minutes=1)


@workflow.defn(name="MailboxWorkflow")
class MailboxWorkflow:
    @workflow.init
    def __init__(self, mailbox: MailboxRef) -> None:
        self._mailbox = mailbox
        self._state: MailboxState | None = None
        # Whatever an earlier run has left unread.
        self._unread, self._looks = True, False

    @workflow.run
    async def run(self, mailbox: MailboxRef) -> None:
        """Returns when the mailbox is no more."""
        reading = asyncio.create_task(self._read_what_arrives())
        while (fetched := await self._turn()).ended is not Ended.GONE:
            self._unread = self._unread or fetched.kept > 0
            if workflow.info().is_continue_as_new_suggested():
                reading.cancel()
                await workflow.wait([reading])
                workflow.continue_as_new(mailbox)
            await self._until_the_next(fetched)
        reading.cancel()
        await workflow.wait([reading])

    @workflow.signal(name=ARRIVED)
    def arrived(self, standing: Standing | None = None) -> None:
        """Mails were kept; `standing` is how the mailbox stands, where the turn says it."""
        self._unread = True
        if standing:
            self._show(standing)

    @workflow.signal(name=LOOK)
    def look(self) -> None:
        """The mailbox is to be looked at as it is now."""
        self._looks = True

    async def _turn(self) -> Fetched:
        """One turn at the server; it is ended when the mailbox is to be looked at anew."""
        self._looks = False
        turn = workflow.start_activity_method(
            FetchActivities.fetch,
            self._mailbox,
            task_queue=MAIL_QUEUE,
            start_to_close_timeout=MAILBOX_TIMEOUT,
            heartbeat_timeout=MAILBOX_HEARTBEAT,
            retry_policy=MAILBOX_RETRY,
            cancellation_type=ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
            summary="fetch mails, and wait for more",
        )
        await workflow.wait_condition(lambda: turn.done() or self._looks)
        if not turn.done():
            turn.cancel()
        try:
            fetched = await turn
        except ActivityError as error:
            if is_cancelled_exception(error) and self._looks:
                return Fetched(Ended.IN_TIME)
            if is_cancelled_exception(error):
                raise
            # It is tried again for ever, so this is one that can never succeed.
            return Fetched(Ended.FAILED, pause_seconds=_AFTER_A_DEFECT.total_seconds())
        if fetched.standing:
            self._show(fetched.standing)
        return fetched

    async def _until_the_next(self, fetched: Fetched) -> None:
        """Waits as long as the last turn wants it, or until the mailbox is to be looked at."""
        match fetched.ended:
            case Ended.AT_REST:
                await workflow.wait_condition(lambda: self._looks)
            case Ended.FAILED:
                pause = timedelta(seconds=fetched.pause_seconds)
                try:
                    await workflow.wait_condition(
                        lambda: self._looks, timeout=pause, timeout_summary="try the mail server again"
                    )
                except TimeoutError:
                    return

    async def _read_what_arrives(self) -> None:
        while True:
            await workflow.wait_condition(lambda: self._unread)
            self._unread = False
            try:
                await workflow.execute_activity_method(
                    ArrivalActivities.read_arrived,
                    self._mailbox,
                    task_queue=ARRIVALS_QUEUE,
                    start_to_close_timeout=ARRIVALS_TIMEOUT,
                    heartbeat_timeout=ARRIVALS_HEARTBEAT,
                    retry_policy=ARRIVALS_RETRY,
                    summary="read what has arrived",
                )
            except ActivityError as error:
                if is_cancelled_exception(error):
                    raise
                await workflow.sleep(_AFTER_A_DEFECT)
                self._unread = True

    def _show(self, standing: Standing) -> None:
        workflow.set_current_details(details(standing))
        if standing.state is not self._state:
            self._state = standing.state
            workflow.upsert_search_attributes([CASE_STATUS.value_set(standing.state)])
