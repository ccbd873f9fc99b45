"""What runs by the clock without a case: the sweep of pending commands and unsent mail."""

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

from workers.settings import Settings
from workflows.policies import CASES_QUEUE
from workflows.sweep import SweepWorkflow

SWEEP = "sweep-pending-commands"


async def ensure_schedules(client: Client, settings: Settings) -> None:
    """Makes the schedules, or brings them up to the settings; safe to call from every worker at its start."""
    sweep = Schedule(
        action=ScheduleActionStartWorkflow(
            SweepWorkflow.run, id="sweep", task_queue=CASES_QUEUE, static_summary="Delivers pending commands again"
        ),
        spec=ScheduleSpec(intervals=[ScheduleIntervalSpec(every=timedelta(seconds=settings.sweep_every_seconds))]),
        policy=SchedulePolicy(overlap=ScheduleOverlapPolicy.SKIP, catchup_window=timedelta(minutes=1)),
    )
    try:
        await client.create_schedule(SWEEP, sweep)
    except ScheduleAlreadyRunningError:

        def renew(_: ScheduleUpdateInput) -> ScheduleUpdate:
            return ScheduleUpdate(schedule=sweep)

        await client.get_schedule_handle(SWEEP).update(renew)
