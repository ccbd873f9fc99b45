"""A worker is killed in each stage of a story, before and after the deed: another one goes on, and nothing is lost."""

import asyncio
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio.client import Client

from domain.cases import Actor, ActorKind
from runtime.client import DATA_CONVERTER
from tests.stack.engines import dev_server
from tests.stack.waiting import eventually
from tests.workflows.parts.errand import STAGES, ErrandStatus, ErrandWorkflow, OpenErrand
from tests.workflows.parts.errand_worker import KeptShop, read
from workflows.parts.attributes import ASSIGNEE, CASE_STATUS, TEAM, TENANT
from workflows.parts.messages import Applied, CaseStart

QUEUE = "errands"
DONE = STAGES[:4]
"""The shop declines to confirm any errand."""

PLACES = [
    *(f"{when} do {stage}" for stage in DONE for when in ("before", "after")),
    "before do confirm",
    *(f"after undo {stage}" for stage in DONE),
]
ROOT = Path(__file__).parents[3]


@contextmanager
def worker(address: str, folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of its own process, which is killed in the end."""
    module = "tests.workflows.parts.errand_worker"
    process = subprocess.Popen([sys.executable, "-m", module, address, QUEUE, str(folder)], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def begin(client: Client, errand_id: UUID) -> None:
    start: CaseStart[Any] = CaseStart(uuid.uuid4(), errand_id, new=True)
    handle = await client.start_workflow(ErrandWorkflow.run, start, id=f"errand/{errand_id}", task_queue=QUEUE)
    command = OpenErrand(id=uuid.uuid4(), actor=Actor(ActorKind.USER, uuid.uuid4()), correlation_id="test")
    await handle.execute_update("open", command, id=str(command.id), result_type=Applied)


async def test_a_worker_is_killed_in_every_stage(tmp_path: Path) -> None:
    errands = {uuid.uuid4(): place for place in PLACES}
    for errand_id, place in errands.items():
        (tmp_path / f"{errand_id}.hold").write_text(place)
    attributes = [CASE_STATUS, TENANT, TEAM, ASSIGNEE]
    async with await dev_server(data_converter=DATA_CONVERTER, search_attributes=attributes) as environment:
        client = environment.client
        address = client.service_client.config.target_host
        with worker(address, tmp_path) as process:
            await asyncio.gather(*(begin(client, errand_id) for errand_id in errands))
            await eventually(lambda: len(list(tmp_path.glob("*.held"))) == len(errands), "each is in its stage")
            assert process.poll() is None
        for errand_id in errands:
            (tmp_path / f"{errand_id}.hold").unlink()
        with worker(address, tmp_path):
            ends = (client.get_workflow_handle(f"errand/{errand_id}").result() for errand_id in errands)
            await asyncio.wait_for(asyncio.gather(*ends), 60)
    shop = KeptShop(tmp_path)
    for errand_id, place in errands.items():
        ledger, deals = read(tmp_path / f"{errand_id}.ledger"), shop.deals[errand_id]
        assert ledger.state.status is ErrandStatus.UNDONE, place
        assert sorted(stage for deed, stage in deals if deed == "do") == sorted(DONE), place
        undone = [stage for deed, stage in deals if deed == "undo" and stage in DONE]
        assert undone == [*reversed(DONE)], place
        assert len(ledger.kinds) == len(set(ledger.kinds)), place
