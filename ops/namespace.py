"""`casewright namespace`: our namespace in Temporal, with long retention and the search attributes of a case."""

import asyncio
from datetime import timedelta

from google.protobuf.duration_pb2 import Duration
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.namespace.v1 import NamespaceConfig
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    RegisterNamespaceRequest,
    UpdateNamespaceRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from ops.engine_client import engine_client
from ops.search_attributes import SEARCH_ATTRIBUTES
from ops.trouble import Trouble
from runtime.client import DEFAULT_ADDRESS
from runtime.settings import settings

# How long a finished case stays visible to operators.
RETENTION = timedelta(days=90)

_PATIENCE_SECONDS = 20.0


def namespace() -> None:
    """Make the namespace and its search attributes in the Temporal that TEMPORAL_ADDRESS names."""
    asyncio.run(_make_sure())


async def _make_sure() -> None:
    address = settings().temporal_address or DEFAULT_ADDRESS
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS), engine_client(settings()) as client:
            while True:
                try:
                    return await ensure_namespace(client)
                except RPCError as refused:
                    if refused.status != RPCStatusCode.NOT_FOUND:
                        raise Trouble(f"Temporal at {address} refused to prepare the namespace: {refused}") from refused
                await asyncio.sleep(0.5)
    except TimeoutError as away:
        raise Trouble(f"Temporal at {address} does not answer.") from away


async def ensure_namespace(client: Client) -> None:
    """Makes the client's namespace, or gives one that is there what it lacks; harmless when nothing is missing.

    Raises `RPCError`: with NOT_FOUND while a namespace just made is not yet known everywhere, so try again.
    """
    await _ensure_retention(client)
    known = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    missing = {name: kind for name, kind in SEARCH_ATTRIBUTES.items() if name not in known.custom_attributes}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=client.namespace,
                search_attributes={name: _indexed(kind) for name, kind in missing.items()},
            )
        )


async def _ensure_retention(client: Client) -> None:
    wanted = Duration()
    wanted.FromTimedelta(RETENTION)
    try:
        found = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace=client.namespace))
    except RPCError as absent:
        if absent.status != RPCStatusCode.NOT_FOUND:
            raise
        await client.workflow_service.register_namespace(
            RegisterNamespaceRequest(namespace=client.namespace, workflow_execution_retention_period=wanted)
        )
        return
    if found.config.workflow_execution_retention_ttl.ToTimedelta() < timedelta(days=30):
        await client.workflow_service.update_namespace(
            UpdateNamespaceRequest(
                namespace=client.namespace, config=NamespaceConfig(workflow_execution_retention_ttl=wanted)
            )
        )


def _indexed(kind: str) -> "IndexedValueType.ValueType":
    return IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
