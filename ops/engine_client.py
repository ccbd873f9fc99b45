"""The Temporal client for short commands: it explains a failure to connect, and closes without aborting the process."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio.client import Client

from ops.trouble import Trouble
from runtime.client import DEFAULT_ADDRESS, connect
from runtime.settings import Settings

_LETTING_GO_SECONDS = 0.05


@asynccontextmanager
async def engine_client(settings: Settings) -> AsyncIterator[Client]:
    """A client of the running stack's Temporal during the block. Raises Trouble when it does not answer.

    A thread of the client that has just delivered an answer needs a moment to let go of the interpreter. A process that
    ends within that moment is aborted ("PyGILState_Release", seen at every fourth end on a busy machine); the client
    offers nothing to wait for.
    """
    try:
        client = await connect(settings)
    except RuntimeError as away:
        raise Trouble(f"Temporal at {settings.temporal_address or DEFAULT_ADDRESS} does not answer.") from away
    try:
        yield client
    finally:
        await asyncio.sleep(_LETTING_GO_SECONDS)
