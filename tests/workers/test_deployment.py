"""When a version counts as the current one, by what the engine says of it."""

from datetime import UTC, datetime, timedelta

import pytest
from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentResponse
from temporalio.common import WorkerDeploymentVersion

from workers.deployment import DEPLOYMENT, is_current

OURS = WorkerDeploymentVersion(DEPLOYMENT, "ours")
TOLD = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_COMPLETED
TELLING = RoutingConfigUpdateState.ROUTING_CONFIG_UPDATE_STATE_IN_PROGRESS


@pytest.mark.parametrize(
    ("build", "state", "ago", "counts"),
    [
        ("ours", TOLD, timedelta(seconds=1), True),
        ("ours", TELLING, timedelta(seconds=1), False),
        ("ours", TELLING, timedelta(minutes=2), True),
        ("another", TOLD, timedelta(minutes=2), False),
    ],
)
def test_a_version_is_current_when_the_queues_know_it_or_have_had_time_to(
    build: str, state: RoutingConfigUpdateState.ValueType, ago: timedelta, counts: bool
) -> None:
    found = DescribeWorkerDeploymentResponse()
    found.worker_deployment_info.routing_config_update_state = state
    routing = found.worker_deployment_info.routing_config
    routing.current_deployment_version.build_id = build
    routing.current_version_changed_time.FromDatetime(datetime.now(UTC) - ago)
    assert is_current(found, OURS) is counts
