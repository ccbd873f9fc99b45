"""Runs the bare engine's worker, in a process of its own as the product's is: `python -m bench.engine_worker`."""

import asyncio
import signal

import uvloop
from temporalio.worker import Worker

from bench.bare_client import bare
from bench.engine_workflows import ENGINE_QUEUE, NoOp, OpenCase, do_nothing
from runtime.client import connect
from runtime.settings import settings


async def work() -> None:
    """Works until SIGTERM or SIGINT, on the product's Temporal."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    client = bare(await connect(settings()))
    async with Worker(client, task_queue=ENGINE_QUEUE, workflows=[NoOp, OpenCase], activities=[do_nothing]):
        await stop.wait()


if __name__ == "__main__":
    uvloop.run(work())
