"""A worker of errands that may be killed, because its shop and its rows are files. It takes address, queue and folder.

Where `<errand>.hold` names a place, such as `after undo pay`, the worker stays for ever, and `<errand>.held` says so.
"""

import asyncio
import os
import pickle
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from activities.cases.step import Step, StepResult
from runtime.client import DATA_CONVERTER
from tests.workflows.parts.errand import Deal, ErrandState, ErrandStep, ErrandWorkflow
from tests.workflows.parts.ledger import Ledger
from tests.workflows.parts.shop import Place, Shop


class KeptShop(Shop):
    """It takes back whatever is to be confirmed, so that everything is undone."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder
        self._book = folder / "deals"
        self.declines.add(("do", "confirm"))
        for line in self._book.read_text().splitlines() if self._book.exists() else ():
            errand_id, deed, stage = line.split()
            self.deals[UUID(errand_id)].append((deed, stage))

    async def _deal(self, deed: str, deal: Deal) -> None:
        await self._stays("before", deed, deal)
        await super()._deal(deed, deal)
        await self._stays("after", deed, deal)

    def take(self, errand_id: UUID, place: Place) -> None:
        known = len(self.deals[errand_id])
        super().take(errand_id, place)
        for deed, stage in self.deals[errand_id][known:]:
            with self._book.open("a") as book:
                book.write(f"{errand_id} {deed} {stage}\n")

    async def _stays(self, when: str, deed: str, deal: Deal) -> None:
        hold = self._folder / f"{deal.errand_id}.hold"
        if hold.exists() and hold.read_text() == f"{when} {deed} {deal.stage}":
            hold.with_suffix(".held").touch()
            await asyncio.Event().wait()


class KeptLedgers(Ledger):
    """The ledgers of all errands, each in a file that is replaced as a whole."""

    def __init__(self, folder: Path) -> None:
        super().__init__(ErrandState(), ErrandStep)
        self._folder = folder

    def take(self, step: Step[Any]) -> StepResult[Any]:
        path = self._folder / f"{step.case_id}.ledger"
        ledger = read(path)
        result = ledger.take(step)
        rows = {name: value for name, value in vars(ledger).items() if name != "activities"}
        path.with_suffix(".new").write_bytes(pickle.dumps(rows))
        os.replace(path.with_suffix(".new"), path)
        return result


def read(path: Path) -> Ledger:
    """The ledger that a file keeps, an empty one when there is none."""
    ledger = Ledger(ErrandState(), ErrandStep)
    if path.exists():
        vars(ledger).update(pickle.loads(path.read_bytes()))
    return ledger


async def work(address: str, queue: str, folder: Path) -> None:
    """Works until it is killed."""
    client = await Client.connect(address, data_converter=DATA_CONVERTER)
    await Worker(
        client,
        task_queue=queue,
        workflows=[ErrandWorkflow],
        activities=[*KeptLedgers(folder).activities, *KeptShop(folder).activities],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ).run()


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
