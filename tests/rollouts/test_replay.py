"""Every history of the corpus replays on today's code, and would not on code that decides otherwise."""

import re
from pathlib import Path
from typing import Any

import pytest
from temporalio import workflow
from temporalio.client import WorkflowHistory
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

from api.registry import KINDS
from domain.tickets.state import TicketState
from tests.rollouts.corpus import HISTORIES, replay, type_of
from tests.rollouts.lifecycles import LooksTwice, LooksTwiceFromNowOn
from workflows.parts.messages import CaseStart
from workflows.tickets.lifecycle import TicketWorkflow

CORPUS = sorted(HISTORIES.glob("*.json"))
OF_A_MACHINE = re.compile(r"/(home|root|tmp|usr|work)/|\d+@\w")
CASES = {workflow._Definition.must_from_class(entry.workflow).name for entry in KINDS.values()}
SHORT = {"SweepWorkflow", "FileSweepWorkflow", "DeliverWorkflow", "PrintQuoteWorkflow"}
LONG = {"MailboxWorkflow"}


def _history(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text())


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
async def test_replays(path: Path) -> None:
    """As production replays it."""
    await replay(_history(path))
    assert not OF_A_MACHINE.search(path.read_text())  # noqa: ASYNC240


async def test_the_sandbox_finds_nothing_either() -> None:
    await replay(*map(_history, CORPUS), runner=SandboxedWorkflowRunner())


def test_every_workflow_has_a_history() -> None:
    assert {type_of(_history(path)) for path in CORPUS} == CASES | SHORT | LONG


@workflow.defn(name="TicketWorkflow")
class ClosesLater(TicketWorkflow):
    """A deadline that is planned for another moment, which only a history that came to it can tell."""

    @workflow.init
    def __init__(self, start: CaseStart[TicketState]) -> None:
        super().__init__(start)

    @workflow.run
    async def run(self, start: CaseStart[TicketState]) -> None:
        await self.live(start)

    def plan(self) -> None:
        super().plan()
        self.case.deadlines.cancel("auto_close")


@pytest.mark.parametrize("changed", [LooksTwice, ClosesLater])
async def test_code_that_decides_otherwise_does_not_replay(changed: type[Any]) -> None:
    failed = []
    for path in (path for path in CORPUS if path.stem.startswith("ticket_")):
        try:
            await replay(_history(path), changed=changed)
        except workflow.NondeterminismError:
            failed.append(path.stem)
    assert "ticket_reminded_and_given_up" in failed


async def test_by_a_patch_it_does() -> None:
    for path in (path for path in CORPUS if path.stem.startswith("ticket_")):
        await replay(_history(path), changed=LooksTwiceFromNowOn)
