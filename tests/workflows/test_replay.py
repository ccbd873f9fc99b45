"""Every history of the corpus replays on today's code."""

from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from api.registry import KINDS
from runtime.client import DATA_CONVERTER
from tests.workflows.corpus import HISTORIES


@pytest.mark.parametrize("path", sorted(HISTORIES.glob("*.json")), ids=lambda path: path.stem)
async def test_replays(path: Path) -> None:
    history = WorkflowHistory.from_json(path.stem, path.read_text())  # noqa: ASYNC240
    replayer = Replayer(workflows=[entry.workflow for entry in KINDS.values()], data_converter=DATA_CONVERTER)
    await replayer.replay_workflow(history)
