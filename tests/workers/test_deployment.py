"""How a version is made the current one, and when it counts as such, by what the engine says of it."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest
from temporalio.api.enums.v1 import RoutingConfigUpdateState
from temporalio.api.workflowservice.v1 import DescribeWorkerDeploymentResponse
from temporalio.client import Client
from temporalio.common import WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode

from workers.deployment import DEPLOYMENT, is_current, promote

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


@pytest.mark.parametrize("status", [RPCStatusCode.CANCELLED, RPCStatusCode.UNAVAILABLE, RPCStatusCode.NOT_FOUND])
async def test_an_engine_that_cannot_say_it_in_time_is_asked_again(status: RPCStatusCode) -> None:
    asked: list[Any] = []

    async def make_current(request: Any, **_: Any) -> None:
        asked.append(request)
        if len(asked) == 1:
            raise RPCError("not now", status, b"")

    async def describe(*_: Any, **__: Any) -> DescribeWorkerDeploymentResponse:
        return DescribeWorkerDeploymentResponse()

    service = SimpleNamespace(set_worker_deployment_current_version=make_current, describe_worker_deployment=describe)
    await promote(
        cast(Client, SimpleNamespace(namespace="n", identity="i", workflow_service=service)), OURS, patience=9
    )
    assert [request.build_id for request in asked] == ["ours", "ours"]
