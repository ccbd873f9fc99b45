"""Removes files that nobody finished or used, and scans those that still wait for it. Started by a schedule."""

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.files.sweep import FileActivities
    from workflows.policies import FILE_SWEEP_HEARTBEAT, FILE_SWEEP_TIMEOUT, SWEEP_RETRY


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
