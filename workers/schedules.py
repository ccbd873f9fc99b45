"""The schedules: sweeps of pending commands, unsent mail and unfinished files."""

from datetime import timedelta

from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleAlreadyRunningError,
    ScheduleIntervalSpec,
    ScheduleOverlapPolicy,
    SchedulePolicy,
    ScheduleSpec,
    ScheduleUpdate,
    ScheduleUpdateInput,
)

from runtime.settings import Settings
from workflows.cases.sweep import SweepWorkflow
from workflows.files.sweep import FileSweepWorkflow
from workflows.policies import CASES_QUEUE

SWEEP = "sweep-pending-commands"
FILE_SWEEP = "sweep-files"


async def ensure_schedules(client: Client, settings: Settings) -> None:
    """Makes the schedules, or brings them up to the settings; safe to call from every worker at its start."""
    commands = ScheduleActionStartWorkflow(
        SweepWorkflow.run, id="sweep", task_queue=CASES_QUEUE, static_summary="Delivers pending commands again"
    )
    await _ensure(client, SWEEP, commands, every=timedelta(seconds=settings.sweep_every_seconds))
    files = ScheduleActionStartWorkflow(
        FileSweepWorkflow.run, id="sweep-files", task_queue=CASES_QUEUE, static_summary="Removes unfinished files"
    )
    await _ensure(client, FILE_SWEEP, files, every=timedelta(seconds=settings.file_sweep_every_seconds))


async def _ensure(client: Client, name: str, action: ScheduleActionStartWorkflow, *, every: timedelta) -> None:
    schedule = Schedule(
        action=action,
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=every)]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    try:
        await client.create_schedule(name, schedule)
    except ScheduleAlreadyRunningError:

        def renew(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule=schedule)

        await client.get_schedule_handle(name).update(renew)
