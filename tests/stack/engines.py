"""Temporal's own servers for tests: on a port that is held for them, and with the time that a busy machine needs."""

import json
import sysconfig
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest
from temporalio.testing import WorkflowEnvironment

from ops.embedded.ports import free_port
from ops.search_attributes import SEARCH_ATTRIBUTES

_PROGRAMS = Path(sysconfig.get_path("scripts"))
_READY_WITHIN = timedelta(seconds=60)


async def dev_server(dynamic: Mapping[str, Any] | None = None, **given: Any) -> WorkflowEnvironment:
    """The real server, in memory: as it comes, but for what is `dynamic` of its configuration. `given` is for the
    client."""
    configured = [f"{name}={json.dumps(value)}" for name, value in (dynamic or {}).items()]
    return await WorkflowEnvironment.start_local(
        port=free_port(),
        dev_server_existing_path=str(_PROGRAMS / "temporal"),
        dev_server_startup_timeout=_READY_WITHIN,
        dev_server_extra_args=[word for each in configured for word in ("--dynamic-config-value", each)],
        **given,
    )


async def time_skipping_server(**given: Any) -> WorkflowEnvironment:
    """The server in which time is skipped, with the search attributes of a case. `given` is for the client."""
    environment = await WorkflowEnvironment.start_time_skipping(
        port=free_port(),
        test_server_existing_path=str(_PROGRAMS / "temporal-test-server"),
        test_server_startup_timeout=_READY_WITHIN,
        **given,
    )
    attributes = {
        name: IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}") for name, kind in SEARCH_ATTRIBUTES.items()
    }
    client = environment.client
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace=client.namespace, search_attributes=attributes)
    )
    return environment
