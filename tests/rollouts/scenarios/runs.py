"""The runs of a workflow, as the engine lists them."""

from temporalio.client import WorkflowExecutionStatus

from tests.rollouts.real_world import RealWorld
from tests.workflows.world import eventually


async def ended(world: RealWorld, workflow_id: str) -> None:
    """Waits until the newest run of a workflow has completed."""

    async def look() -> WorkflowExecutionStatus | None:
        return (await world.client.get_workflow_handle(workflow_id).describe()).status

    await eventually(look, lambda status: status is WorkflowExecutionStatus.COMPLETED)


async def runs_of(world: RealWorld, workflow_id: str) -> list[str]:
    """The runs that the engine lists of a workflow, oldest first; it may hear of the newest a moment later."""
    found = [run async for run in world.client.list_workflows(f"WorkflowId = '{workflow_id}'")]
    return [run.run_id for run in sorted(found, key=lambda run: run.start_time)]


async def newest_of(world: RealWorld, workflow_type: str) -> str:
    """The id of the newest workflow of a type, once there is one that has completed."""

    async def look() -> list[str]:
        query = f"WorkflowType = '{workflow_type}' AND ExecutionStatus = 'Completed'"
        found = [run async for run in world.client.list_workflows(query)]
        return [run.id for run in sorted(found, key=lambda run: run.start_time)]

    return (await eventually(look, bool))[-1]
