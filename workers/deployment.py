"""Versions of workers: which one this code is, and which one gets the work."""

import asyncio
import math
import time
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentResponse,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from runtime.build import build_of
from runtime.settings import Settings

DEPLOYMENT = "casewright"

# Failures that pass by themselves: the build's pollers are not known yet, another change is under way, the server is
# away, or too busy to answer in time.
_NOT_YET = frozenset(
    {
        RPCStatusCode.CANCELLED,
        *(RPCStatusCode.NOT_FOUND, RPCStatusCode.FAILED_PRECONDITION, RPCStatusCode.ABORTED),
        *(RPCStatusCode.UNAVAILABLE, RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.RESOURCE_EXHAUSTED),
    }
)
_PAUSE_SECONDS = 0.1
_ANSWERS_WITHIN = timedelta(seconds=10)
_SPREADS_WITHIN = timedelta(seconds=30)


def version_of(settings: Settings) -> WorkerDeploymentVersion:
    """The version that a worker of this code is: by the settings, else the package's with a digest of the code."""
    return WorkerDeploymentVersion(DEPLOYMENT, build_of(settings))


def deployed_as(version: WorkerDeploymentVersion) -> WorkerDeploymentConfig:
    """What tells the engine which version a worker is. Cases live for years, so each of their runs goes on with
    whatever version is current, at its next task."""
    return WorkerDeploymentConfig(
        version, use_worker_versioning=True, default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE
    )


async def promote(client: Client, version: WorkerDeploymentVersion, *, patience: float = math.inf) -> None:
    """Makes a version the current one: it gets the work of every case, those of unversioned workers too.

    Returns when all task queues know it, or should. Raises RPCError when that is forbidden, not known to the server
    (one older than 1.29), or not possible within so many seconds, as when none of the version's workers is there.
    """
    current = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=version.deployment_name,
        build_id=version.build_id,
        identity=client.identity,
    )
    deadline = time.monotonic() + patience
    while True:
        try:
            await client.workflow_service.set_worker_deployment_current_version(current, timeout=_ANSWERS_WITHIN)
            while _spreads(await describe(client)):  # noqa: ASYNC110  the server tells nobody
                await asyncio.sleep(_PAUSE_SECONDS)
        except RPCError as refused:
            if refused.status not in _NOT_YET or time.monotonic() > deadline:
                raise
            await asyncio.sleep(_PAUSE_SECONDS)
        else:
            return


async def describe(client: Client) -> DescribeWorkerDeploymentResponse:
    """What the engine knows of our versions. Raises RPCError: with NOT_FOUND when no worker has ever had one."""
    asked = DescribeWorkerDeploymentRequest(namespace=client.namespace, deployment_name=DEPLOYMENT)
    return await client.workflow_service.describe_worker_deployment(asked, timeout=_ANSWERS_WITHIN)


def is_current(found: DescribeWorkerDeploymentResponse, version: WorkerDeploymentVersion) -> bool:
    """Whether all task queues give their work to this version, or should by now."""
    return current_build(found) == version.build_id and not _spreads(found)


def current_build(found: DescribeWorkerDeploymentResponse) -> str:
    """The build id of the current version; empty when unversioned workers get the work."""
    return found.worker_deployment_info.routing_config.current_deployment_version.build_id


def _spreads(found: DescribeWorkerDeploymentResponse) -> bool:
    """Whether task queues are still told of the current version. When many pollers come at once, the server may forget
    to say that it has told all of them, so this is believed for a while only."""
    info = found.worker_deployment_info
    spreading = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS
    since = info.routing_config.current_version_changed_time.ToDatetime(UTC)
    return info.routing_config_update_state == spreading and datetime.now(UTC) - since < _SPREADS_WITHIN
