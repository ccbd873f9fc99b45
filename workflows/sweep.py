"""Puts right what was cut off: commands left pending, files left half-way. Started by schedules, one at a time."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.account_mail import AccountMailActivities
    from activities.commands import CommandActivities
    from activities.files import FileActivities
    from workflows.policies import FILE_SWEEP_HEARTBEAT, FILE_SWEEP_TIMEOUT, SWEEP_HEARTBEAT, SWEEP_RETRY, SWEEP_TIMEOUT


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


@workflow.defn(name="FileSweepWorkflow")
class FileSweepWorkflow:
    @workflow.run
    async def run(self) -> int:
        """Returns how many files and leftovers of files were removed."""
        return await workflow.execute_activity_method(
            FileActivities.sweep,
            start_to_close_timeout=FILE_SWEEP_TIMEOUT,
            heartbeat_timeout=FILE_SWEEP_HEARTBEAT,
            retry_policy=SWEEP_RETRY,
            summary="Remove files that nobody finished or used",
        )
