"""Whether Temporal is there, prepared as we need it, and served by workers."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest, GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from api.cases.lost import LostCases
from api.registry import KINDS
from ops.checks.database import reading
from ops.engine_client import engine_client
from ops.search_attributes import SEARCH_ATTRIBUTES
from ops.trouble import Trouble
from runtime.client import DEFAULT_ADDRESS
from runtime.settings import Settings
from workers.deployment import current_build, describe, version_of
from workers.sweeps import FAILING_RUNS, count_failing_runs
from workflows import policies

_PATIENCE_SECONDS = 5.0
_PATIENCE_WITH_MANY_SECONDS = 60.0
# A worker asks for a minute at a time; one that has not asked for longer is gone.
_POLLS_WITHIN = timedelta(seconds=90)
_LEAST_RETENTION = timedelta(days=30)

TASK_QUEUES = tuple(str(value) for name, value in vars(policies).items() if name.endswith("_QUEUE"))


async def temporal(settings: Settings) -> str:
    """The server answers."""
    async with _client(settings) as client:
        info = await client.workflow_service.get_system_info(GetSystemInfoRequest())
        return f"server {info.server_version} at {settings.temporal_address or DEFAULT_ADDRESS}"


async def namespace(settings: Settings) -> str:
    """Our namespace is there and keeps finished cases long enough."""
    async with _client(settings) as client:
        found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    retention = found.config.workflow_execution_retention_ttl.ToTimedelta()
    if retention < _LEAST_RETENTION:
        raise Trouble(f"{settings.temporal_namespace} keeps finished cases for {retention.days} days only, not 30")
    return f"{settings.temporal_namespace}, retention {retention.days} days"


async def search_attributes(settings: Settings) -> str:
    """Every search attribute of a case is registered."""
    async with _client(settings) as client:
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace=client.namespace)
        )
    missing = SEARCH_ATTRIBUTES.keys() - known.custom_attributes.keys()
    if missing:
        raise Trouble(f"{', '.join(sorted(missing))} not registered: run `casewright namespace`")
    return f"{len(SEARCH_ATTRIBUTES)} registered"


async def workers(settings: Settings) -> str:
    """Somebody works at every task queue. A worker that was killed is counted for up to a minute and a half."""
    async with _client(settings) as client:
        idle = [queue for queue in TASK_QUEUES if not await _is_polled(client, queue)]
    if idle:
        raise Trouble(f"nobody works at {', '.join(idle)}: start `python -m workers.main`")
    return f"polling {', '.join(TASK_QUEUES)}"


async def worker_version(settings: Settings) -> str:
    """One version of the workers is current, and workers of it are there."""
    own = version_of(settings)
    async with _client(settings) as client:
        try:
            current = current_build(await describe(client))
        except RPCError as error:
            if error.status != RPCStatusCode.NOT_FOUND:
                raise
            raise Trouble("no worker has said which version it is: start `python -m workers.main`") from error
        if not current:
            raise Trouble("none is current, so no worker gets any work: run `casewright promote`")
        idle = [queue for queue in TASK_QUEUES if not await _is_polled(client, queue, build_id=current)]
    if idle:
        raise Trouble(f"{current} is current, and nobody of it works at {', '.join(idle)}")
    return f"{current} is current" + ("" if current == own.build_id else f"; this code is {own.build_id}")


async def workflow_tasks(settings: Settings) -> str:
    """No run is held up because the code of its workflow fails: a defect, or a change that does not replay."""
    async with _client(settings) as client:
        count = await count_failing_runs(client)
        first = [run.id async for run in client.list_workflows(FAILING_RUNS, limit=1)]
    if not count:
        return "none fails"
    named = f", {first[0]} first" if first else ""
    raise Trouble(f"those of {count} runs fail{named}: in the Temporal UI {FAILING_RUNS} finds them")


async def cases(settings: Settings) -> str:
    """Open cases have a run: of each kind and tenant the oldest are looked at, two thousand in all."""
    async with reading(settings) as database, _client(settings, within=_PATIENCE_WITH_MANY_SECONDS) as client:
        found = await LostCases(client, database, KINDS).look(begin=False)
    if found.lost:
        within = timedelta(seconds=settings.reconcile_every_seconds)
        raise Trouble(
            f"{len(found.lost)} of {found.looked_at} open cases have no run, {found.lost[0]} first: "
            f"a worker begins them again, looking every {within}"
        )
    return f"{found.looked_at} open ones looked at, each has its run"


async def _is_polled(client: Client, queue: str, *, build_id: str | None = None) -> bool:
    kinds = [TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY]
    if queue == policies.CASES_QUEUE:
        kinds.append(TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW)
    for kind in kinds:
        found = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(namespace=client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind)
        )
        recently = datetime.now(UTC) - _POLLS_WITHIN
        if not any(
            poller.last_access_time.ToDatetime(UTC) >= recently
            and build_id in (None, poller.deployment_options.build_id)
            for poller in found.pollers
        ):
            return False
    return True


@asynccontextmanager
async def _client(settings: Settings, *, within: float = _PATIENCE_SECONDS) -> AsyncIterator[Client]:
    try:
        async with asyncio.timeout(within), engine_client(settings) as client:
            yield client
    except RPCError as error:
        if error.status == RPCStatusCode.NOT_FOUND:
            raise Trouble(f"no namespace {settings.temporal_namespace}: run `casewright namespace`") from error
        raise Trouble(f"{settings.temporal_address or DEFAULT_ADDRESS}: {error}") from error
    except TimeoutError as error:
        raise Trouble(f"Temporal at {settings.temporal_address or DEFAULT_ADDRESS} does not answer.") from error
