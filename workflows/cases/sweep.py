"""Delivers pending commands again. A schedule starts it every few seconds, one run at a time."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.cases.carrying import CommandActivities
    from activities.mail.accounts import AccountMailActivities
    from workflows.policies import SWEEP_HEARTBEAT, SWEEP_RETRY, SWEEP_TIMEOUT


@workflow.defn(name="SweepWorkflow")
class SweepWorkflow:
    @workflow.run
    async def run(self) -> int:
        """Returns how many commands were settled."""
        settled = await workflow.execute_activity_method(
            CommandActivities.sweep,
            start_to_close_timeout=SWEEP_TIMEOUT,
            heartbeat_timeout=SWEEP_HEARTBEAT,
            retry_policy=SWEEP_RETRY,
            summary="Deliver pending commands again",
        )
        await workflow.execute_activity_method(
            AccountMailActivities.sweep,
            start_to_close_timeout=SWEEP_TIMEOUT,
            heartbeat_timeout=SWEEP_HEARTBEAT,
            retry_policy=SWEEP_RETRY,
            summary="Send account mail that was left unsent",
        )
        return settled
