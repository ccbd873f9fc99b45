"""Checks from outside whether a part of the stack works."""

import asyncio
import http.client
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.settings import Settings

if TYPE_CHECKING:
    from temporalio.client import Client

CASES_QUEUE = "cases"
_PATIENCE_SECONDS = 2.0
_PATIENCE_WITH_THE_BUSY_SECONDS = 10.0

# What a server answers at once, whatever state it is in.
POSTGRES_HELLO = bytes.fromhex("0000000804d2162f")  # SSLRequest
GRPC_HELLO = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000")


async def listens(host: str, port: int) -> bool:
    """Whether a connection to this address is taken."""
    try:
        async with asyncio.timeout(_PATIENCE_SECONDS):
            _, writer = await asyncio.open_connection(host, port)
    except (OSError, TimeoutError):
        return False
    writer.close()
    return True


async def speaks(host: str, port: int, hello: bytes = b"") -> bool:
    """Whether a connection to this address says anything, after a word of ours where it waits for one. The kernel alone
    takes connections for a process that hangs."""
    try:
        async with asyncio.timeout(_PATIENCE_WITH_THE_BUSY_SECONDS):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(hello)
                return bool(await reader.read(1))
            finally:
                writer.close()
    except (OSError, TimeoutError):
        return False


async def answers_200(host: str, port: int, path: str, *, within: float = _PATIENCE_SECONDS) -> bool:
    """Whether an HTTP GET is answered with 200 within so many seconds."""
    host = "127.0.0.1" if host in {"0.0.0.0", "::"} else host  # noqa: S104
    return await asyncio.to_thread(_get_is_200, host, port, path, within)


async def is_alive(host: str, port: int) -> bool:
    """Whether the API at this address does anything, though it may not be ready and may have much to do."""
    return await answers_200(host, port, "/healthz", within=_PATIENCE_WITH_THE_BUSY_SECONDS)


def beats(pulse: Path) -> bool:
    """Whether the process that touches this file has done so lately."""
    try:
        return time.time() - pulse.stat().st_mtime < _PATIENCE_WITH_THE_BUSY_SECONDS
    except FileNotFoundError:
        return False


class Engine:
    """The Temporal server that the settings name, as seen by a client of the stack's namespace."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._client: Client | None = None

    async def is_ready(self) -> bool:
        """Whether the namespace can be used; makes it, and what it lacks, where it is missing."""
        # A third of a second, in which the other parts are to be started all the same.
        namespace = await asyncio.to_thread(import_module, "ops.namespace")
        from temporalio.service import RPCError

        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                await namespace.ensure_namespace(await self._connected())
        except (RPCError, RuntimeError, TimeoutError):
            return False
        return True

    async def worker_works(self, since: datetime) -> bool:
        """Whether a worker has asked for workflow tasks after `since`, and the engine gives them to workers of this
        code."""
        return await self.worker_polls(since) and await self._is_current()

    async def worker_polls(self, since: datetime) -> bool:
        """Whether a worker has asked for workflow tasks after `since`; the server remembers older ones for minutes."""
        from temporalio.api.enums.v1 import TaskQueueType
        from temporalio.api.taskqueue.v1 import TaskQueue
        from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
        from temporalio.service import RPCError

        request = DescribeTaskQueueRequest(
            namespace=self._settings.temporal_namespace,
            task_queue=TaskQueue(name=CASES_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await (await self._connected()).workflow_service.describe_task_queue(request)
        except (RPCError, RuntimeError, TimeoutError):
            return False
        return any(poller.last_access_time.ToDatetime(UTC) >= since for poller in found.pollers)

    async def _is_current(self) -> bool:
        from temporalio.service import RPCError

        deployment = await asyncio.to_thread(import_module, "workers.deployment")
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                found = await deployment.describe(await self._connected())
        except (RPCError, RuntimeError, TimeoutError):
            return False
        current: bool = deployment.is_current(found, deployment.version_of(self._settings))
        return current

    async def _connected(self) -> "Client":
        from runtime.client import connect

        if self._client is None:
            self._client = await connect(self._settings)  # RuntimeError while nobody answers at the address.
        return self._client


def _get_is_200(host: str, port: int, path: str, within: float) -> bool:
    connection = http.client.HTTPConnection(host, port, timeout=within)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
