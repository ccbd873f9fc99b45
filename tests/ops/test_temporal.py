"""The real embedded Temporal: usable at once, and with all its data after a restart."""

import asyncio
import signal
import subprocess
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes
from temporalio.worker import Worker

from ops.embedded import temporal
from ops.embedded.ports import free_port
from ops.namespace import RETENTION, ensure_namespace, namespace
from ops.readiness import CASES_QUEUE, Engine
from ops.search_attributes import SEARCH_ATTRIBUTES
from ops.trouble import Trouble
from runtime.client import connect
from runtime.settings import Settings
from tests.stack.waiting import eventually

STATUS = SearchAttributeKey.for_keyword("CaseStatus")
DUE = SearchAttributeKey.for_datetime("DueAt")


@workflow.defn(sandboxed=False)
class Wait:
    """Waits until told, and says what it was told."""

    def __init__(self) -> None:
        self._told: str | None = None

    @workflow.run
    async def run(self) -> str:
        await workflow.wait_condition(lambda: self._told is not None)
        return self._told or ""

    @workflow.signal
    def tell(self, what: str) -> None:
        self._told = what


class Server:
    """A Temporal of one home that a test starts and ends as it likes."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._log = home / "log"
        self._port, self._ui_port = free_port(), free_port()
        self.settings = Settings(temporal_address=f"127.0.0.1:{self._port}", temporal_namespace="casewright")
        self.engine = Engine(self.settings)
        self.process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        command = temporal.command(self._home, self._port, self._ui_port, "casewright", SEARCH_ATTRIBUTES)
        self.process = command.start(self._log)
        await eventually(self._is_ready, "Temporal is ready")

    async def _is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, self._log.read_text()
        return await self.engine.is_ready()

    def end(self, with_signal: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(with_signal)
        self.process.wait(10)


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[Server]:
    server = Server(tmp_path)
    try:
        await server.start()
        yield server
    finally:
        server.end(signal.SIGKILL)


async def test_cases_can_be_started_found_and_kept_for_long(server: Server) -> None:
    client = await connect(server.settings)
    described = await client.workflow_service.describe_namespace(DescribeNamespaceRequest(namespace="casewright"))
    assert described.config.workflow_execution_retention_ttl.ToTimedelta() == RETENTION >= timedelta(days=30)
    handle = await _start_case(client, "ticket/1")
    await ensure_namespace(client)  # Harmless when nothing is missing.

    server.end(signal.SIGKILL)
    assert not await server.engine.is_ready()
    await server.start()

    found = [run.id async for run in client.list_workflows("CaseStatus = 'open' AND DueAt > '2026-01-01T00:00:00Z'")]
    assert found == ["ticket/1"]
    assert not await server.engine.worker_polls(datetime.now(UTC))
    async with Worker(client, task_queue=CASES_QUEUE, workflows=[Wait]):
        began = datetime.now(UTC)
        await eventually(lambda: server.engine.worker_polls(began - timedelta(seconds=5)), "the worker polls")
        await handle.signal(Wait.tell, "all is well")
        assert await asyncio.wait_for(handle.result(), 20) == "all is well"
    assert not await server.engine.worker_polls(datetime.now(UTC) + timedelta(minutes=1))


async def test_a_namespace_is_made_and_gets_what_it_lacks(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = server.settings.model_copy(update={"temporal_namespace": "elsewhere"})
    monkeypatch.setattr("ops.namespace.settings", lambda: elsewhere)
    with monkeypatch.context() as earlier:
        earlier.setattr("ops.namespace.SEARCH_ATTRIBUTES", {"CaseStatus": "Keyword", "DueAt": "Datetime"})
        await asyncio.to_thread(namespace)
    # A version that shows more of cases finds the namespace of the one before.
    for _ in range(2):
        await asyncio.to_thread(namespace)
    client = await connect(elsewhere)
    known = await client.operator_service.list_search_attributes(ListSearchAttributesRequest(namespace="elsewhere"))
    assert set(known.custom_attributes) == set(SEARCH_ATTRIBUTES)
    handle = await _start_case(client, "ticket/2")
    assert (await handle.describe()).status == WorkflowExecutionStatus.RUNNING


async def test_a_server_that_is_away_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Settings(temporal_address=f"127.0.0.1:{free_port()}")
    monkeypatch.setattr("ops.namespace.settings", lambda: away)
    with pytest.raises(Trouble, match="does not answer"):
        await asyncio.to_thread(namespace)


async def _start_case(client: Client, case: str) -> "workflow.ExternalWorkflowHandle[Wait]":
    attributes = [SearchAttributePair(STATUS, "open"), SearchAttributePair(DUE, datetime(2026, 11, 20, tzinfo=UTC))]
    return await client.start_workflow(
        Wait.run, id=case, task_queue=CASES_QUEUE, search_attributes=TypedSearchAttributes(attributes)
    )
